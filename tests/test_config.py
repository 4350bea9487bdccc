"""config: where settings are found, and that every mistake is told at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.config import ConfigError, gate_mistake, load_config
from readiness.types.config import Config, ServiceRule


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def mistakes(tmp_path: Path, text: str) -> list[str]:
    write(tmp_path / "readiness.toml", text)
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path, None)
    return str(caught.value).splitlines()


def test_nothing_said_gives_the_defaults(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[project]\nname = 'x'\n")
    assert load_config(tmp_path, None) == Config()


def test_every_kind_of_key_is_read_with_dashes_and_underscores(tmp_path: Path) -> None:
    text = """
[tool.readiness]
goal = "footprint"
source-roots = ["src"]
max_file_bytes = 5
file-seconds = 3
snippets = false
fail-on = ["error", "verdict:port-first", "score<40"]
[tool.readiness.per-file-ignores]
"tests/*" = ["IO101"]
[tool.readiness.weights]
io = 0.5
[[tool.readiness.services]]
match = ["svc/a/**"]
name = "a"
"""
    write(tmp_path / "pyproject.toml", text)
    assert load_config(tmp_path, None) == Config(
        goal="footprint",
        source_roots=("src",),
        max_file_bytes=5,
        file_seconds=3.0,
        snippets=False,
        fail_on=("error", "verdict:port-first", "score<40"),
        per_file_ignores={"tests/*": ("IO101",)},
        weights={"io": 0.5},
        services=(ServiceRule(match=("svc/a/**",), name="a"),),
    )


def test_nearest_file_up_to_the_repository_root_wins(tmp_path: Path) -> None:
    inner = tmp_path / "repo" / "svc" / "app"
    inner.mkdir(parents=True)
    (tmp_path / "repo" / ".git").mkdir()
    write(tmp_path / "readiness.toml", 'goal = "nowhere: outside of the repository"')
    assert load_config(inner, None) == Config()
    write(tmp_path / "repo" / "pyproject.toml", "[tool.readiness]\nworkers = 3")
    assert load_config(inner, None).workers == 3
    write(tmp_path / "repo" / "svc" / "pyproject.toml", "[tool.other]\nx = 1")
    assert load_config(inner, None).workers == 3
    write(tmp_path / "repo" / "svc" / "pyproject.toml", "[tool.readiness]\nworkers = 4")
    assert load_config(inner, None).workers == 4
    write(inner / "readiness.toml", "workers = 5")
    assert load_config(inner, None).workers == 5
    assert load_config(inner, write(tmp_path / "mine.toml", "workers = 6")).workers == 6


def test_without_a_repository_only_the_folder_itself_is_read(tmp_path: Path) -> None:
    write(tmp_path / "readiness.toml", "workers = 3")
    (tmp_path / "app").mkdir()
    assert load_config(tmp_path / "app", None).workers is None


def test_all_mistakes_at_once_each_with_its_key_and_the_nearest_word(tmp_path: Path) -> None:
    text = (
        'gaol = "x"\nworkers = "two"\nexclude = "a"\nsnippets = 1\nweights = {io = "high"}\n[[services]]\nnmae = "a"\n'
    )
    assert mistakes(tmp_path, text) == [
        "readiness.toml: gaol: unknown key, did you mean `goal`?",
        "readiness.toml: workers: must be an integer, is a string",
        "readiness.toml: exclude: must be a list, is a string",
        "readiness.toml: snippets: must be true or false, is an integer",
        "readiness.toml: weights.io: must be a number, is a string",
        "readiness.toml: services[0].nmae: unknown key, did you mean `name`?",
        "readiness.toml: services[0].match: missing",
    ]


def test_numbers_beyond_64_bits_are_told_with_their_key(tmp_path: Path) -> None:
    assert mistakes(tmp_path, f"workers = 0x{'f' * 4000}\nweights = {{io = {'9' * 300}}}\n") == [
        "readiness.toml: workers: must lie within 64 bits",
        "readiness.toml: weights.io: must lie within 64 bits",
    ]


def test_values_outside_their_words_and_ranges(tmp_path: Path) -> None:
    text = 'goal = "thruput"\nworkers = 0\nfail-on = ["warn", "verdict:port-frist"]\ndependencies = {x = "good"}\n'
    found = mistakes(tmp_path, text)
    assert found[0] == "readiness.toml: workers: must be above 0, is 0"
    assert found[1].startswith("readiness.toml: goal: 'thruput' is no goal, did you mean `throughput`?")
    assert found[2].startswith(
        "readiness.toml: fail-on[0]: 'warn' is no condition; allowed: error, warning, verdict:NAME"
    )
    assert "did you mean `port-first`?" in found[3]
    assert found[4].startswith("readiness.toml: dependencies.x: 'good' is no fit")


def test_a_boolean_is_no_number(tmp_path: Path) -> None:
    assert mistakes(tmp_path, 'source-url = "javascript:alert(1)//{path}"')[0].startswith(
        "readiness.toml: source-url: 'javascript:alert(1)//{path}' is no address of a line"
    )
    assert mistakes(tmp_path, "workers = true") == ["readiness.toml: workers: must be an integer, is a boolean"]


def test_one_key_in_two_spellings_is_told(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "fail-on = []\nfail_on = []") == [
        "readiness.toml: fail_on: given twice, with `-` and with `_`"
    ]


def test_broken_toml_is_one_line_and_names_the_place(tmp_path: Path) -> None:
    (line,) = mistakes(tmp_path, "goal = \n")
    assert line.startswith(f"{tmp_path}/readiness.toml: Invalid value (at line 1")


def test_a_broken_pyproject_that_says_nothing_of_us_is_not_our_mistake(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[project\n")
    assert load_config(tmp_path, None) == Config()
    write(tmp_path / "pyproject.toml", "[tool.readiness]\nworkers = \n")
    with pytest.raises(ConfigError, match="pyproject.toml"):
        load_config(tmp_path, None)


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="mine.toml: No such file"):
        load_config(tmp_path, tmp_path / "mine.toml")


def test_a_pipe_or_a_huge_file_in_place_of_the_settings_never_blocks(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "readiness.toml")
    (tmp_path / "pyproject.toml").write_bytes(b"#" * (1 << 21))
    assert load_config(tmp_path, None) == Config()


def test_a_table_of_another_type_is_told(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[tool]\nreadiness = 3")
    with pytest.raises(ConfigError, match="tool.readiness: must be a table, is an integer"):
        load_config(tmp_path, None)


@given(st.text(max_size=20))
def test_a_condition_is_right_or_gets_one_line(text: str) -> None:
    mistake = gate_mistake(text)
    assert (mistake is None) == (
        text in ("error", "warning") or text.startswith(("verdict:", "score<")) and not mistake
    )


@pytest.mark.parametrize("text", ["error", "warning", "verdict:keep-in-python", "score<0", "score<40.5"])
def test_allowed_conditions(text: str) -> None:
    assert gate_mistake(text) is None


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["goal", "services", "match", "x"]), inner)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(["goal", "workers", "services", "weights", "fail-on", "nope"]), NESTED, max_size=4)
)
def test_any_table_gives_settings_or_one_error(
    tmp_path_factory: pytest.TempPathFactory, table: dict[str, object]
) -> None:
    tomli_w = pytest.importorskip("tomli_w")
    try:
        text = tomli_w.dumps(table)
    except TypeError:
        return  # TOML has no null
    folder = tmp_path_factory.mktemp("any")
    write(folder / "readiness.toml", text)
    try:
        assert isinstance(load_config(folder, None), Config)
    except ConfigError as error:
        assert all(line.startswith("readiness.toml: ") for line in str(error).splitlines())
