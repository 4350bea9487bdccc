"""Tree, Facts, Rulebook of a library -> the text of a library page: what its public names do. Never imports the library.

What the page claims is what link says of the library's own functions; what link could not follow is left out or marked, for whoever
reads the page over.
"""

from __future__ import annotations

from collections.abc import Mapping

from readiness.learn.claims import claims_of
from readiness.learn.text import page_text
from readiness.link import linked
from readiness.types.facts import Facts
from readiness.types.rulebook import Rulebook
from readiness.types.tree import Tree


def learn(tree: Tree, facts: Mapping[str, Facts], rulebook: Rulebook, distribution: str) -> str:
    """A Markdown page with a claim per public function, method and class, and examples that hold. `facts` by path."""
    return page_text(distribution, claims_of(*linked(tree, facts, rulebook)))
