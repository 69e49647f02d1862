"""One playing of the cold wave: everybody on the stage, from the first call to the last."""

from __future__ import annotations

from datetime import datetime

from huoshui.democity.cold_wave import field, players, script, stage, town
from huoshui.democity.cold_wave.ledger import Ledger


class Wave:
    """A script, its cast, and what they did so far; played at once, or by the demo's clock."""

    def __init__(
        self,
        written: script.Script,
        cast: town.Cast,
        begins_at: datetime,
        *,
        run: str,
        leave_s: float = 0.0,
        telephone: type[players.Telephone] = players.Telephone,
    ) -> None:
        self.script, self.cast, self.run = written, cast, run
        self.stage = stage.Stage(begins_at)
        self.ledger = Ledger()
        self.telephone = telephone(written, cast, self.stage, self.ledger, run)
        self.dispatcher = players.Dispatcher(cast, self.stage, self.ledger, leave_s=leave_s)
        self.second = players.SecondPerson(cast, self.stage, self.ledger, script.SEED)
        self.crews = field.Crews(cast, self.stage, self.ledger, self.second, run, script.SEED + 1)
        self.keeper = field.StoreKeeper(cast, self.stage, self.ledger)

        self._said: set[tuple[str, int]] = set()

    def latest(self) -> tuple[str, str] | None:
        """Return a sentence in Chinese and English about what has come about since the last one."""
        ledger = self.ledger
        estates = len({one.home.estate.code for one in ledger.trouble_of.values()})
        for name, number, zh, en in (
            ("case", len(ledger.case_of), f"已受理报修 {{}} 件，涉及 {estates} 个小区",
             f"{{}} things to repair, in {estates} estates"),
            ("done", len(ledger.done), "现场完成 {} 件", "{} done on site"),
            ("folded", ledger.folded, "重复来电并单 {} 个", "{} calls folded with others"),
            ("order", len(self.keeper.orders), "物料预警，第 {} 次补货", "Stock warning; order {}"),
        ):  # fmt: skip
            reached = number if name == "order" else number - number % 25
            if reached and (name, reached) not in self._said:
                self._said.add((name, reached))
                return zh.format(reached), en.format(reached)
        return None

    def begin(
        self, from_s: float = 0.0, until_s: float = float("inf"), *, gives: bool = True
    ) -> None:
        """Put everybody on the stage; without ``gives`` a person gives the jobs."""
        self.telephone.begin(from_s, until_s)
        if gives:
            self.dispatcher.begin(from_s)
        self.crews.begin(from_s)
        self.keeper.begin(from_s)
