"""Scripts of Python that prepare and then start something else: the server behind them, or nothing of the repository."""

from __future__ import annotations

import pytest

from tests.services.scans import found_in

WEB = "from flask import Flask\napp = Flask(__name__)\n"
IMAGE = 'FROM python\nCOPY . /srv\nCMD ["python", "/srv/start.py"]\n'


@pytest.mark.parametrize(
    "start",
    [
        "import os\nos.environ['A'] = 'b'\nos.execvp('gunicorn', ['gunicorn', '-w', '4', 'shop.web:app'])\n",
        "import os\nos.execlp('gunicorn', 'gunicorn', '-w', '4', 'shop.web:app')\n",
        "import subprocess\n\ndef main():\n    subprocess.run(['gunicorn', '-w', '4', 'shop.web:app'])\n\nmain()\n",
        "import os\nos.system('gunicorn -w 4 shop.web:app')\n",
    ],
)
def test_the_server_that_a_script_starts_is_the_process(start: str) -> None:
    files = {"Dockerfile": IMAGE, "start.py": start, "shop/__init__.py": "", "shop/web.py": WEB}
    (one,) = found_in(files).found
    assert (one.roles, one.workers, one.entries[0].path) == (("web",), 4, "shop/web.py")
    assert {row.kind for row in one.evidence} >= {"dockerfile", "start-script"}


def test_a_script_that_becomes_a_foreign_program_is_no_process() -> None:
    start = "import os\nimport time\nimport requests\nwhile True:\n    if requests.get('u').ok:\n        break\n    time.sleep(1)\nos.execv('/usr/sbin/postfix', ['postfix', 'start-fg'])\n"
    found = found_in({"Dockerfile": IMAGE, "start.py": start})
    assert [one for one in found.found if one.kind == "deployable"] == []
    assert [(row.path, row.line, row.reason) for row in found.rejected] == [
        ("start.py", 8, "it prepares and becomes `postfix`")
    ]


def test_a_script_that_serves_itself_is_not_replaced_by_what_it_starts_beside() -> None:
    start = "import subprocess\nimport uvicorn\nsubprocess.Popen(['celery', '-A', 'shop.web', 'worker'])\nuvicorn.run('shop.web:app')\n"
    files = {"Dockerfile": IMAGE, "start.py": start, "shop/__init__.py": "", "shop/web.py": WEB}
    assert "start.py" in {one.entries[0].path for one in found_in(files).found}


def test_a_script_that_goes_on_after_starting_a_program_stays_what_it_is() -> None:
    start = "import subprocess\nimport time\nimport requests\nsubprocess.Popen(['nginx'])\nwhile True:\n    requests.get('u')\n    time.sleep(1)\n"
    (one,) = found_in({"Dockerfile": IMAGE, "start.py": start}).found
    assert one.entries[0].path == "start.py"
