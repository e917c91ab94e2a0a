"""Writing the demo's reports: the typed fields of one meeting or training, put together from the themes."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from html import escape
from typing import Any

from portal.demo.people import Attendee, Town
from portal.demo.schedule import Event, working_day
from portal.demo.themes import Course, Theme
from portal.kinds.vocabulary import ITEMS

Typed = dict[str, Any]
GRADES = ("5 とても満足", "4 満足", "3 ふつう", "2 やや不満")


class Writer:
    """Writes the reports of one ward."""

    def __init__(self, town: Town, event: Event) -> None:
        self.town, self.event = town, event
        self.chance = random.Random(f"{town.ward.slug} {event.day} {event.body.name if event.body else event.course}")
        whole = self.chance.randint(9, 42)
        self.words = {
            **town.places,
            "ward": town.ward.name,
            "office": town.ward.office,
            "doctors": town.doctors,
            "n": whole,
            "m": self.chance.randint(3, whole - 2),
            "month": (event.day.month + 1) % 12 + 1,
        }

    def write(self) -> Typed:
        """Return the typed fields of the report."""
        if self.event.course is not None:
            return self._training(self.event.course)
        return self._cancelled() if self.event.cancelled else self._meeting()

    def _fill(self, text: str) -> str:
        return text.format_map(self.words)

    # -- meetings ---------------------------------------------------------------------------------------------------

    def _meeting(self) -> Typed:
        people = self._people()
        themes = self.event.themes
        subjects = [self.chance.choice(theme.subjects) for theme in themes]
        return {
            **self._where_and_when(),
            "items": [item for item in ITEMS if any(item in theme.items for theme in themes)],
            "scenes": sorted({scene for theme in themes for scene in theme.scenes}),
            **self._attendance(people),
            "agenda": [self._agenda_row(*subject, people) for subject in subjects],
            "record": "".join(
                self._record_of(number, subject, theme)
                for number, (subject, theme) in enumerate(zip(subjects, themes, strict=True), 1)
            ),
            "opinions": self._opinions(people),
            "decisions": self._decisions(),
            "issues": self._issues(),
            "involvement": _paragraphs([self._fill(self.chance.choice(theme.involvement)) for theme in themes[:2]]),
            "reflections": _paragraphs([self._fill(self.chance.choice(theme.reflections)) for theme in themes[:2]]),
            **self._next(),
            **self._reporter(),
        }

    def _where_and_when(self) -> Typed:
        body = self.event.body
        assert body is not None
        starts, ends = body.clock
        return {
            "meeting_name": body.name,
            "body_name": body.name,
            "meeting_number": self.event.number,
            "holding": "開催",
            "held_on": self.event.day.isoformat(),
            "starts_at": starts,
            "ends_at": ends,
            "place": self._fill(body.place),
            "method": self.chance.choice(("集合", "集合", "集合", "集合とWebの併用", "Web")),
            "organiser": self._fill(body.organiser),
            "organiser_type": body.organiser_type,
            "disclosure": "関係者限り",
        }

    def _people(self) -> list[Attendee]:
        """Pick who came, doctors before care, as a list is kept; people the themes speak of come for certain."""
        needed = {profession for theme in self.event.themes for profession, _ in theme.voices[:2]}
        coming = [one for one in self.town.people if one.profession in needed or self.chance.random() < 0.5]
        return [*coming, self.town.coordinator]

    def _attendance(self, people: Sequence[Attendee]) -> Typed:
        away = [one for one in self.town.people if one not in people and self.chance.random() < 0.2]
        return {
            "attendees": [one.row(deputy=self.chance.random() < 0.06) for one in people],
            "absentees": [
                {"affiliation": one.affiliation, "profession": one.profession, "name": one.name} for one in away
            ],
            "headcount": len(people),
            "headcounts": _counted(people),
        }

    def _agenda_row(self, subject: str, kind: str, summary: str, people: Sequence[Attendee]) -> Typed:
        return {
            "subject": self._fill(subject),
            "type": kind,
            "presenter": self.chance.choice(people).name,
            "summary": self._fill(summary),
        }

    def _record_of(self, number: int, subject: tuple[str, str, str], theme: Theme) -> str:
        points = [
            self._fill(point)
            for point in self.chance.sample(theme.points, min(len(theme.points), self.chance.randint(3, 4)))
        ]
        heading = f"<h2>{number}　{escape(self._fill(subject[0]))}</h2><p>{escape(self._fill(subject[2]))}</p>"
        if self.chance.random() < 0.4:
            return heading + _list(points)
        return heading + _paragraphs(points[:2]) + (_list(points[2:]) if len(points) > 3 else _paragraphs(points[2:]))

    def _opinions(self, people: Sequence[Attendee]) -> list[Typed]:
        rows = []
        for number, theme in enumerate(self.event.themes, 1):
            for profession, gist in self.chance.sample(theme.voices, min(len(theme.voices), self.chance.randint(1, 3))):
                speakers = [one.name for one in people if one.profession == profession]
                rows.append({"agenda_number": number, "speaker": speakers[0] if speakers else profession, "gist": gist})
        return rows

    def _decisions(self) -> list[Typed]:
        return [
            {"agenda_number": number, "decision": self._fill(text), "owner": owner, "due": self._later(days)}
            for number, theme in enumerate(self.event.themes, 1)
            for text, owner, days in self.chance.sample(theme.decisions, 1)
        ]

    def _issues(self) -> list[Typed]:
        rows = []
        for number, theme in enumerate(self.event.themes[: self.chance.choice((1, 1, 2))], 1):
            text, owner, days = self.chance.choice(theme.issues)
            state = self.chance.choice(("未着手", "対応中", "対応中", "継続"))
            rows.append(
                {"agenda_number": number, "issue": text, "owner": owner, "due": self._later(days), "state": state,
                 "carried": self.chance.random() < 0.25}
            )  # fmt: skip
        return rows

    def _later(self, days: int) -> str:
        return working_day(self.event.day + timedelta(days=days)).isoformat()

    def _next(self) -> Typed:
        body = self.event.body
        assert body is not None
        return {"next_on": self._later(self.chance.randint(80, 98)), "next_place": self._fill(body.place)}

    def _reporter(self) -> Typed:
        return {
            "reporter": self.town.coordinator.name,
            "reporter_profession": self.town.coordinator.profession,
            "reported_on": working_day(self.event.day + timedelta(days=1)).isoformat(),
            "privacy_checked": True,
        }

    def _cancelled(self) -> Typed:
        people = [self.town.people[0], self.town.coordinator]
        why = self.chance.choice(("台風の接近に伴い", "感染症の流行により", "講師の急な都合により"))
        return {
            **self._where_and_when(),
            "holding": "中止",
            "method": "書面",
            "items": ["イ"],
            **self._attendance(people),
            "absentees": [],
            "agenda": [
                {
                    "subject": "開催の見送りについて",
                    "type": "報告",
                    "presenter": people[0].name,
                    "summary": f"{why}開催を見送った。",
                }
            ],
            "record": f"<p>{why}、当日の開催を見送った。予定していた資料は参加予定の機関に送り、意見を書面で募った。</p>",
            "involvement": "<p>中止の連絡を参加予定の機関に行い、資料を届けた。</p>",
            **self._next(),
            **self._reporter(),
        }

    # -- trainings --------------------------------------------------------------------------------------------------

    def _training(self, course: Course) -> Typed:
        capacity = self.chance.choice((40, 50, 60, 80))
        came = self.chance.randint(24, capacity - 4)
        return {
            **self._course_basics(course),
            "audience": course.audience,
            "capacity": capacity,
            "applicants": came + self.chance.randint(0, 8),
            "participants": came,
            "participant_counts": self._participants(course, came),
            "lecturers": self._lecturers(),
            "programme": _programme(course),
            "record": _paragraphs(course.record),
            "group_work": _list(course.voices),
            **self._survey(course, came),
            "results": f"<p>{course.results}</p>",
            "use": f"<p>{course.use}</p>",
            "issues": [
                {"issue": text, "owner": "相談支援室", "due": self._later(120), "state": "未着手"}
                for text in course.issues
            ],
            "reflections": f"<p>{course.reflections}</p>",
            "passed_on_to": f"相談支援室内、{self.town.ward.name}役所 保健福祉課",
            "photos": self.chance.choice(("可", "不可", "一部可")),
            "expenses": self.chance.randrange(6000, 42000, 500),
            "fee": self.chance.choice((0, 15000, 20000, 30000)),
            **self._reporter(),
        }

    def _course_basics(self, course: Course) -> Typed:
        host = {"type": "主催", "name": self.town.ward.office}
        helper = {"type": self.chance.choice(("共催", "後援")), "name": f"{self.town.ward.name}役所"}
        day_time = course.audience == "区民"
        return {
            "role": self.chance.choice(("主催", "主催", "共催")) if not day_time else "普及啓発",
            "training_name": course.name,
            "series_name": course.series,
            "theme": course.theme,
            "purpose": course.purpose,
            "hosts": [host, helper],
            "held_on": self.event.day.isoformat(),
            "starts_at": "14:00" if day_time else "18:30",
            "ends_at": "15:30" if day_time else "20:00",
            "place": f"{self.town.ward.name}民センター {'ホール' if day_time else '会議室1'}",
            "method": self.chance.choice(("集合", "集合", "集合とWebの併用")),
            "items": list(course.items),
        }

    def _participants(self, course: Course, came: int) -> list[Typed]:
        if course.audience == "区民":
            return [{"profession": "区民", "from_where": "区内", "count": came}]
        rows, left = [], came
        for profession in ("介護支援専門員", "訪問看護師", "医療ソーシャルワーカー", "薬剤師"):
            count = self.chance.randint(2, max(2, left // 3))
            rows.append({"profession": profession, "from_where": "区内", "count": count})
            left -= count
        return [*rows, {"profession": "介護福祉士", "from_where": "区外", "count": left}]

    def _lecturers(self) -> list[Typed]:
        speaker = self.chance.choice([one for one in self.town.people if one.group == "医療"])
        return [
            {"type": "講師", "affiliation": speaker.affiliation, "post": speaker.profession, "name": speaker.name},
            {
                "type": "司会",
                "affiliation": self.town.ward.office,
                "post": "コーディネーター",
                "name": self.town.coordinator.name,
            },
        ]

    def _survey(self, course: Course, came: int) -> Typed:
        returned = came - self.chance.randint(1, 6)
        best = self.chance.randint(returned // 3, returned // 2)
        good = self.chance.randint((returned - best) // 2, returned - best)
        counts = (best, good, returned - best - good, 0)
        return {
            "survey_handed_out": came,
            "survey_returned": returned,
            "satisfaction": [
                {"grade": grade, "count": count} for grade, count in zip(GRADES, counts, strict=True) if count
            ],
            "survey_comments": course.comments,
        }


def _programme(course: Course) -> list[Typed]:
    times = ("14:05", "14:35", "15:15") if course.audience == "区民" else ("18:35", "19:00", "19:45")
    return [
        {"time": time, "subject": subject, "form": form}
        for time, (subject, form) in zip(times, course.programme, strict=True)
    ]


def _counted(people: Sequence[Attendee]) -> list[Typed]:
    return [{"profession": name, "count": count} for name, count in Counter(one.profession for one in people).items()]


def _paragraphs(texts: Sequence[str]) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in texts)


def _list(texts: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li><p>{escape(text)}</p></li>' for text in texts)}</ul>" if texts else ""


# -- a first version is rarely the last -----------------------------------------------------------------------------------


def first_version(typed: Typed, chance: random.Random) -> tuple[Typed, str, str]:
    """Return the report as it was first saved, the comment of the version that completed it, and a reason to return it."""
    if "programme" in typed:
        early = {**typed, "satisfaction": [], "survey_comments": ""}
        return early, "アンケートの集計を追記", "アンケートの満足度と自由記述が空欄です。集計のうえ記入してください。"
    if typed.get("decisions") and chance.random() < 0.5:
        bare = [{**row, "owner": "", "due": ""} for row in typed["decisions"]]
        return (
            {**typed, "decisions": bare},
            "決定事項の担当と期限を追記",
            "決定事項の担当と期限が空欄です。会議録の案と照らして記入してください。",
        )
    if len(typed.get("opinions", ())) > 1 and chance.random() < 0.5:
        return (
            {**typed, "opinions": typed["opinions"][:1]},
            "主な意見を補足",
            "意見の欄が一つだけです。出席者から出た意見を補ってください。",
        )
    early = {**typed, "next_on": "", "next_place": ""}
    return early, "次回の予定を追記", "次回の予定が空欄です。主催者に確認のうえ記入してください。"


def begun(typed: Typed) -> Typed:
    """Return a report somebody has only begun to write: who met is there, what was said is not."""
    missing = (
        "record",
        "opinions",
        "decisions",
        "issues",
        "reflections",
        "involvement",
        "results",
        "use",
        "group_work",
    )
    return {name: value for name, value in typed.items() if name not in missing} | {"privacy_checked": False}
