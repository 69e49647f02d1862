"""What argparse says: in Chinese where the terminal is Chinese, in English elsewhere."""

import pytest

from huoshui.cli import speaking, usage
from huoshui.cli.main import main


class TestSpeak:
    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["leaks"], ("用法：", "错误：", "缺少以下参数：DEED")),
            (["city", "dance"], ("没有这一项：'dance'", "可选：")),
            (["dance"], ("没有这一项：'dance'",)),
            (["demo", "--port"], ("参数 --port：须带一个值",)),
            (["demo", "--port", "x"], ("'x' 不是有效的 int 值",)),
            (["demo", "--prot", "1"], ("无法识别的参数：--prot 1",)),
        ],
    )
    def test_says_in_chinese_what_is_wrong(self, monkeypatch, capsys, words, said):
        monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

        with pytest.raises(SystemExit) as end:
            main(words)

        told = capsys.readouterr().err
        assert end.value.code == 2
        assert all(one in told for one in said), told

    def test_says_it_in_english_elsewhere_as_ever(self, monkeypatch, capsys):
        monkeypatch.setenv("LC_ALL", "C.UTF-8")

        with pytest.raises(SystemExit):
            main(["leaks"])

        told = capsys.readouterr().err
        assert "usage: huoshui leaks" in told
        assert "the following arguments are required: DEED" in told

    def test_heads_the_help_in_chinese(self, monkeypatch, capsys):
        monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

        with pytest.raises(SystemExit):
            main(["demo", "--help"])

        told = capsys.readouterr().out
        assert "选项" in told
        assert "显示本帮助后退出" in told
        assert "show this" not in told

    def test_has_chinese_for_every_word(self, monkeypatch):
        monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

        assert [one for one in usage.WORDS if speaking.gettext(one) == one] == []
