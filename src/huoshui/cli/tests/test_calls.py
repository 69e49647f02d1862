"""Calls that are played arrive at the hotline, signed with this installation's secret."""

from __future__ import annotations

import argparse
import json
from datetime import timedelta

import pytest

from huoshui.areas.hotline import facade as hotline
from huoshui.cli import calls
from huoshui.kernel import clock, settings

SECRET = "a-secret-of-the-telephone-system"


def options(**given):
    parser = argparse.ArgumentParser()
    calls.add_arguments(parser)
    return argparse.Namespace(**{**vars(parser.parse_args([])), **given})


@pytest.mark.django_db
class TestPlay:
    @pytest.fixture
    def through(self, client, monkeypatch):
        """Send to the product itself; what the web server would receive, word for word."""
        chosen = settings.get().model_copy(update={"telephony_secret": settings.SecretStr(SECRET)})
        monkeypatch.setattr(settings, "get", lambda: chosen)

        def send(url, body, headers):
            answer = client.post(calls.PATH, body, content_type="application/json", headers=headers)
            assert answer.status_code == 202, answer.content
            return json.loads(answer.content)

        return send

    def test_tells_a_whole_call(self, through, capsys):
        waits = []

        calls.play(options(transfer_to="8002"), "", SECRET, through, waits.append)

        (call,) = hotline.calls(since=clock.now() - timedelta(hours=1))
        assert call.state == "ended"
        assert waits == [0.0, 4.0, 10.0, 10.0]
        assert "transferred" in capsys.readouterr().out

    def test_tells_a_call_that_nobody_answers(self, through):
        calls.play(options(give_up=True), "", SECRET, through, lambda _s: None)

        (call,) = hotline.calls(since=clock.now() - timedelta(hours=1))
        assert call.state == "abandoned"


class TestSend:
    def test_says_that_nobody_is_there(self):
        with pytest.raises(calls.NotTaken, match="not_taken"):
            calls.send("http://127.0.0.1:9/", b"{}", {})

    def test_refuses_what_is_no_web_address(self):
        with pytest.raises(calls.NotTaken):
            calls.send("file:///etc/passwd", b"{}", {})
