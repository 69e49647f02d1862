"""Owners' chat groups: what is copied out of them, who sees it, and what becomes of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from huoshui.areas.hotline import chat_lines, chats_in, models
from huoshui.areas.hotline.actions import chats, knowledge
from huoshui.areas.hotline.queries import chats as queries
from huoshui.kernel import cases, clock, errors
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.accounts.models import Post
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.cases.models import CaseLink
from huoshui.kernel.intake import kinds

# Wall clocks, without a zone; the first is a Thursday.
NOW = datetime.fromisoformat("2026-03-05 12:00")
FOUR = datetime.fromisoformat("2026-03-04 19:23")


def told(text, now=NOW):
    return [(one.sent_at, one.sender, one.text) for one in chat_lines.read(text, now).lines]


class TestShapes:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            # A record sent by mail from a telephone: a line for each day.
            ("—————  2026-03-04  —————\n\n王芳  19:23\n\n没水了\n地址：3号楼\n",
             [(FOUR, "王芳", "没水了\n地址：3号楼")]),
            # Copied on a computer: the moment behind the name, the text below.
            ("王芳 2026/3/4 19:23\n没水了", [(FOUR, "王芳", "没水了")]),
            ("3-2-501王芳 2026年3月4日 下午7:23\n没水了", [(FOUR, "3-2-501王芳", "没水了")]),
            ("王芳(3月4日 19:23): 没水了", [(FOUR, "王芳", "没水了")]),
            # The moment first.
            ("[2026-03-04 19:23] 王芳: 没水了", [(FOUR, "王芳", "没水了")]),
            ("【2026-03-04 19:23】王芳：没水了", [(FOUR, "王芳", "没水了")]),
            ("2026-03-04 19:23:00 王芳：没水了", [(FOUR, "王芳", "没水了")]),
            ("2026-03-04 19:23:00 王芳(10086)\n没水了", [(FOUR, "王芳(10086)", "没水了")]),
            # What the screen of a telephone shows: a moment alone, then what was said.
            ("昨天 19:23\n王芳：没水了\n还有味\n李四: 我家也是",
             [(FOUR, "王芳", "没水了\n还有味"), (FOUR, "李四", "我家也是")]),
            ("星期三 晚上7:23\n王芳：没水了", [(FOUR, "王芳", "没水了")]),
            ("Yesterday 7:23 PM\nMary: no water", [(FOUR, "Mary", "no water")]),
        ],
    )  # fmt: skip
    def test_are_understood(self, text, expected):
        assert told(text) == expected

    def test_a_day_without_a_year_is_the_latest_one(self):
        assert told("12月31日 10:00\n王芳：没水")[0][0] == datetime.fromisoformat(
            "2025-12-31 10:00"
        )

    def test_each_bad_line_is_named_with_its_number_and_reason(self):
        text = (
            "没有人\n张三：你好\n王五 2026-02-30 10:00\n李四 2026-03-06 10:00\n明天见\n"
            "赵六 2026-03-05 10:00\n\n孙七 2026-03-05 10:01\n没水"
        )

        found = chat_lines.read(text, NOW)

        assert [(one.number, one.code) for one in found.bad] == [
            (1, "no_sender"), (2, "no_time"), (3, "no_such_day"), (4, "in_future"), (6, "no_text"),
        ]  # fmt: skip
        assert [(one.number, one.sender) for one in found.lines] == [(8, "孙七")]


class TestProposal:
    WORDS = {"no_water": ("没水", "停水"), "outage": ("停水通知",), "leak": ("漏水",)}

    @pytest.mark.parametrize(
        ("text", "topic", "words"),
        [
            ("家里没水了", "no_water", ("没水",)),
            # The longer word tells what the shorter one in it does not.
            ("今天有停水通知吗", "outage", ("停水通知",)),
            ("楼道漏水，家里没水，是停水吗", "no_water", ("没水", "停水")),
        ],
    )
    def test_names_the_topic_and_its_words(self, text, topic, words):
        assert chat_lines.propose(text, self.WORDS) == chat_lines.Proposal(topic, words)

    def test_says_nothing_where_no_word_stands(self):
        assert chat_lines.propose("大家中秋快乐", self.WORDS) is None


@pytest.fixture
def specialist(standard_topics):
    return accounts.add_user("li", "郑丽", posts=("grid_specialist",))[0]


@pytest.fixture
def estate(tmp_path):
    """Bring an estate with its chat group into the register, as its file would."""

    def estate(code, name):
        path = tmp_path / "estates.csv"
        path.write_text(f"小区编号,小区名称,业主群\n{code},{name},{name}业主群\n", "utf-8")
        kind = next(one for one in kinds.listed() if one.code == "estates")
        assert kind.carry_out(path, path.name, {}, None).created == 1

    return estate


@pytest.fixture
def group(specialist, estate):
    estate("E1", "银座花园")
    values = {"name": "银座花园业主群", "estate_code": "E1", "specialist_id": specialist.pk}
    return chats.save_group(None, values, by_id=specialist.pk)


@pytest.fixture
def paste(group, specialist):
    def paste(*lines, minutes_ago=10):
        at = clock.local(clock.now() - timedelta(minutes=minutes_ago))
        text = "\n".join(f"[{at:%Y-%m-%d %H:%M}] 王建国: {line}" for line in lines)
        return chats.paste(group.pk, text, by_id=specialist.pk)

    return paste


def message(text):
    return models.ChatMessage.objects.get(text=text)


@pytest.mark.django_db
class TestTaking:
    def test_knows_what_was_taken_before(self, paste):
        first, second = paste("没水了", "谢谢"), paste("没水了", "谢谢", "来水了吗")

        assert (first.taken, first.known) == (2, 0)
        assert (second.taken, second.known) == (1, 2)
        assert models.ChatMessage.objects.count() == 3

    def test_proposes_by_the_words_of_the_topics(self, paste):
        paste("家里没水了", "大家好")

        assert message("家里没水了").topic.code == "no_water"
        assert message("家里没水了").hit_words == "没水"
        assert message("大家好").topic is None

    def test_takes_over_the_groups_of_the_register_once(self, specialist, estate):
        estate("E2", "望湖")

        assert chats.take_over_estates(by_id=specialist.pk) == 1
        assert chats.take_over_estates(by_id=specialist.pk) == 0

    def test_refuses_a_group_in_which_we_are_no_more(self, group, paste, specialist):
        chats.save_group(group.pk, {"is_retired": True}, by_id=specialist.pk)

        with pytest.raises(errors.Refused):
            paste("没水了")

    def test_takes_a_file_and_names_its_bad_rows(self, group, specialist, tmp_path):
        at = clock.local(clock.now() - timedelta(hours=1)).strftime("%Y-%m-%d %H:%M")
        path = tmp_path / "chat.csv"
        path.write_text(
            f"群名,时间,发送人,内容\n银座花园业主群,{at},王芳,没水了\n没有这个群,{at},王芳,没水了\n"
            f"银座花园业主群,{at},王芳,没水了\n银座花园业主群,昨天晚上,王芳,没水了\n", "utf-8",
        )  # fmt: skip

        outcome = chats_in.carry_out(path, "chat.csv", {}, specialist.pk)

        assert (outcome.created, outcome.unchanged, outcome.left_out) == (1, 1, 2)
        assert sorted(one.line for one in outcome.problems) == [3, 5]
        assert models.ChatMessage.objects.count() == 1


@pytest.mark.django_db
class TestHandling:
    def test_a_case_has_channel_topic_estate_and_specialist(self, paste, specialist):
        paste("家里没水了")

        number = chats.make_case(message("家里没水了").pk, by_id=specialist.pk)

        fact = cases.case(number)
        assert (fact.type_code, fact.channel) == ("hotline.repair", "chat_group")
        assert fact.fields["topic"] == "无水"
        assert fact.owner_id == specialist.pk
        links = CaseLink.objects.filter(case__number=number).values_list("kind", "code")
        assert ("customers.estate", "E1") in links
        assert AuditRecord.objects.filter(action="hotline.message_case").exists()

    def test_a_case_is_about_the_account_that_was_entered(self, paste, specialist, tmp_path):
        path = tmp_path / "accounts.csv"
        path.write_text("户号,户名,电话,地址\nA1,王建国,13812345678,银座花园1号楼\n", "utf-8")
        assert kinds.KINDS["accounts"].carry_out(path, path.name, {}, None).created
        paste("家里没水了")
        pk = message("家里没水了").pk

        with pytest.raises(errors.Refused):
            chats.make_case(pk, account_code="NONE", by_id=specialist.pk)
        number = chats.make_case(pk, account_code="A1", by_id=specialist.pk)

        links = CaseLink.objects.filter(case__number=number).values_list("kind", "code")
        assert ("customers.account", "A1") in links

    def test_is_done_once(self, paste, specialist):
        paste("家里没水了")
        chats.make_case(message("家里没水了").pk, by_id=specialist.pk)

        with pytest.raises(errors.Refused):
            chats.make_case(message("家里没水了").pk, by_id=specialist.pk)

    def test_no_case_without_a_topic(self, paste, specialist):
        paste("大家好")

        with pytest.raises(errors.Refused):
            chats.make_case(message("大家好").pk, by_id=specialist.pk)

    def test_is_answered_from_the_knowledge_base(self, paste, specialist, agent, leader):
        code = knowledge.write_draft(title="怎样缴水费", text="微信公众号", is_public=True,
                                     by_id=agent.pk).code  # fmt: skip
        knowledge.approve(code, by_id=leader.pk)
        paste("怎么缴费")

        chats.answer(message("怎么缴费").pk, text="", article_code=code, by_id=specialist.pk)

        assert message("怎么缴费").answer == "微信公众号"
        assert message("怎么缴费").state == "answered"

    def test_is_counted_by_estate_and_month(self, paste, specialist):
        paste("没水了", "漏水", "早", minutes_ago=30)
        chats.make_case(message("没水了").pk, by_id=specialist.pk)
        chats.set_aside([message("早").pk], by_id=specialist.pk)

        months = queries.by_month()

        assert sum(one.messages for one in months) == 3
        assert {one.estate_code for one in months} == {"E1"}
        counts = months[0].counts
        assert (counts["case"], counts["aside"], counts["waiting"]) == (1, 1, 1)
        assert 30 <= months[0].response_min < 32


@pytest.mark.django_db
class TestPages:
    @pytest.fixture
    def signed_in(self, client, specialist):
        client.force_login(specialist)
        return client

    def test_bad_lines_are_listed_with_what_to_do(self, signed_in, group):
        url = reverse("hotline:paste-chat", args=[group.pk])

        page = signed_in.post(url, {"text": "没有人说\n2026-03-01 10:00 王建国：没水了"},
                              follow=True).content.decode()  # fmt: skip

        assert "没有人说" in page
        assert models.ChatMessage.objects.count() == 1

    def test_ticked_messages_become_cases(self, signed_in, paste):
        paste("没水了", "大家好")
        ids = [one.pk for one in models.ChatMessage.objects.all()]

        signed_in.post(reverse("hotline:chat-messages"), {"bulk": "case", "id": ids})

        assert message("没水了").case_number
        assert message("大家好").state == "waiting"

    def test_masks_who_wrote_and_numbers_in_the_text(self, signed_in, paste):
        paste("没水了，电话13812345678")

        page = signed_in.get(reverse("hotline:chat-messages")).content.decode()

        assert "王建国" not in page
        assert "13812345678" not in page
        assert "138****5678" in page

    def test_says_in_full_to_who_may_see_it_and_records_that(self, client, paste):
        paste("没水了")
        post = Post.objects.create(
            code="all", granted=["hotline.chat_messages", "accounts.see_personal"]
        )
        client.force_login(accounts.add_user("all", "全部", posts=(post.code,))[0])

        url = reverse("hotline:chat-message", args=[message("没水了").pk])

        assert "王建国" in client.get(url).content.decode()
        assert AuditRecord.objects.filter(action="hotline.sender_read").exists()

    def test_shows_the_answer_to_copy(self, signed_in, paste, specialist):
        paste("怎么缴费")
        row = message("怎么缴费")
        signed_in.post(reverse("hotline:answer-message", args=[row.pk]), {"text": "营业厅即可"})

        page = signed_in.get(reverse("hotline:chat-message", args=[row.pk])).content.decode()

        assert 'data-copy="营业厅即可"' in page

    @pytest.mark.parametrize("name", ["chats", "chat-messages", "chat-months", "new-chat"])
    def test_are_closed_to_others(self, client, name, group):
        client.force_login(accounts.add_user("crew", "队员", posts=("crew",))[0])

        assert client.get(reverse(f"hotline:{name}")).status_code == 403
