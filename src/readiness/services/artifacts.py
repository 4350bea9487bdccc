"""Dockerfiles, skaffold.yaml, compose and kustomize text -> Built: which Dockerfile an image's name means, and who says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from readiness.services.images import Image
from readiness.services.launches import Unread, folder_of, join
from readiness.services.lines import Broken, Line, Value, line_of, mapping, read_yaml, sequence
from readiness.types.tree import Text

Place = tuple[str, int]


class Built(Struct, frozen=True):
    """The repository's images."""

    images: Mapping[str, Image]  # by the path of the Dockerfile
    named: Mapping[str, tuple[str, Place]] = {}  # name of an image -> its Dockerfile, and where a manifest says so
    renamed: Mapping[str, str] = {}  # name in a base -> what an overlay puts there

    def find(self, reference: str) -> tuple[Image | None, tuple[Place, ...]]:
        """The image that a manifest names, and the place that says from where it is built, if any does."""
        name = plain(reference)
        for known in (name, plain(self.renamed.get(name, "")), name.rsplit("/", 1)[-1]):
            if known in self.named:
                path, place = self.named[known]
                return self.images.get(path), (place,)
        return by_folder(name, self.images) or by_folder(plain(self.renamed.get(name, "")), self.images), ()


Documents = list[Value] | Broken


def kustomizations(texts: Sequence[Text]) -> dict[str, Documents]:
    """Path -> documents of each kustomization."""
    return {text.path: read_yaml(text.text) for text in texts if is_kustomization(text.path)}


def built_from(
    texts: Sequence[Text], images: Mapping[str, Image], overlays: Mapping[str, Documents]
) -> tuple[Built, list[Unread]]:
    """What the build manifests say; those that are no YAML are given back as unread. `overlays`: the kustomizations."""
    named: dict[str, tuple[str, Place]] = {}
    renamed: dict[str, str] = {}
    unread = []
    for text in texts:
        name = text.path.rsplit("/", 1)[-1].lower()
        is_skaffold = name.startswith("skaffold") and name.endswith((".yaml", ".yml"))
        if not is_skaffold and text.path not in overlays:
            continue
        documents = read_yaml(text.text) if is_skaffold else overlays[text.path]
        if isinstance(documents, Broken):
            unread.append(
                Unread(text.path, documents.line, "skaffold" if is_skaffold else "kustomize", documents.reason)
            )
            continue
        for document in documents:
            if is_skaffold:
                for image, dockerfile, line in artifacts(text.path, mapping(document)):
                    named.setdefault(image, (dockerfile, (text.path, line)))
            else:
                renamed |= dict(renames(mapping(document)))
    return Built(images, {k: row for k, row in named.items() if row[0] in images}, renamed), unread


def is_kustomization(path: str) -> bool:
    return path.rsplit("/", 1)[-1].lower() in ("kustomization.yaml", "kustomization.yml", "kustomization")


def artifacts(path: str, top: Mapping[str, Value]) -> Iterator[tuple[str, str, int]]:
    """(image, Dockerfile, line) of `build.artifacts`, those of profiles among them."""
    builds = [top, *(mapping(row) for row in sequence(top.get("profiles")))]
    for build in builds:
        for item in sequence(mapping(build.get("build")).get("artifacts")):
            row = mapping(item)
            context = str(row.get("context", "."))
            given = str(mapping(row.get("docker")).get("dockerfile", "Dockerfile"))
            image = row.get("image")
            if isinstance(image, Line):
                yield plain(image), join(folder_of(path), context, given), line_of(image) or 1


def renames(top: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    """(name in the base, new name) of a kustomization's `images`."""
    for item in sequence(top.get("images")):
        row = mapping(item)
        if isinstance(row.get("name"), Line) and isinstance(row.get("newName"), Line):
            yield plain(str(row["name"])), str(row["newName"])


def plain(reference: str) -> str:
    """An image's name without registry port, tag and digest, in small letters."""
    name = reference.split("@")[0].strip().lower()
    head, _, last = name.rpartition("/")
    last = last.split(":")[0]
    return f"{head}/{last}" if head else last


def by_folder(name: str, images: Mapping[str, Image]) -> Image | None:
    """The Dockerfile whose folder or suffix has the image's last name; None where none or several have it."""
    last = name.rsplit("/", 1)[-1].replace("-", "_")
    found = [image for place, image in sorted(images.items()) if last and last in words_of(place)]
    return found[0] if len(found) == 1 else None


def words_of(path: str) -> set[str]:
    words: Iterable[str] = (*folder_of(path).split("/"), path.rsplit(".", 1)[-1])
    return {word.lower().replace("-", "_") for word in words}
