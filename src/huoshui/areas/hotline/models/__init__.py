"""Tables of the hotline: calls, topics, knowledge, incidents, the rota, listening, chats."""

from huoshui.areas.hotline.models.calls import AgentSeat, Call, CallEvent
from huoshui.areas.hotline.models.chats import ChatGroup, ChatMessage, ChatPaste
from huoshui.areas.hotline.models.city_line import CityTicket
from huoshui.areas.hotline.models.incidents import Incident, IncidentCall
from huoshui.areas.hotline.models.knowledge import Article, ArticleVersion, Question
from huoshui.areas.hotline.models.listening import Listening
from huoshui.areas.hotline.models.rota import Shift
from huoshui.areas.hotline.models.topics import Topic

__all__ = [
    "AgentSeat",
    "Article",
    "ArticleVersion",
    "Call",
    "CallEvent",
    "ChatGroup",
    "ChatMessage",
    "ChatPaste",
    "CityTicket",
    "Incident",
    "IncidentCall",
    "Listening",
    "Question",
    "Shift",
    "Topic",
]
