"""Which letters there are: to whom each goes, who may send it, and what a person has to write for it.

The wording stands in ``templates/letters``; here is only what the program must know about a letter.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sar.domain.errors import InvalidInput, UnknownName
from sar.domain.parties import StaffRole
from sar.domain.pathways import Pathway


class Audience(Enum):
    """Who reads a letter. Only the recipient of the leg reads it again on the site."""

    RECIPIENT = "the person who receives the records"
    CONSULTEE = "a person the records also speak of"
    PROFESSIONAL = "a health professional"
    HOLDER = "somebody who was sent the mistake"


class ClockAct(Enum):
    """What is recorded together with the letter, or not at all."""

    NONE = ""
    IDENTITY = "proof of identity is asked for"
    QUESTION = "a question is asked"
    EXTENSION = "notice of more time is given"
    COMPLAINT_ACKNOWLEDGED = "the complaint is acknowledged"
    COMPLAINT_ANSWERED = "the complaint is answered"
    HOLDER_TOLD = "the holder of a copy is told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something a person writes for a letter."""

    name: str
    label: str
    hint: str = ""
    is_needed: bool = True
    is_kept_back: bool = False
    """Sealed with the event and never printed: what made an officer doubt is no business of the letter."""
    is_line: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterKind:
    """One kind of letter."""

    code: str
    """Also the name of its template. It stands in trails: never rename one."""
    title: str
    when: str
    """For the officer who chooses."""
    parts: tuple[Part, ...] = ()
    audience: Audience = Audience.RECIPIENT
    act: ClockAct = ClockAct.NONE
    senders: frozenset[StaffRole] = frozenset({StaffRole.OFFICER})
    is_chosen: bool = True
    """Offered on the case page; the others belong to a complaint or a correction, or leave by themselves."""
    is_automatic: bool = False
    """May leave without a member of staff: it only says that something arrived."""

    def require_words(self, said: dict[str, str]) -> None:
        """Refuse a letter with a part that nobody wrote."""
        for part in self.parts:
            if part.is_needed and not said.get(part.name, "").strip():
                raise InvalidInput(
                    "A part of the letter is empty.", next_step=f"Write it: {part.label}", field=part.name
                )


_TEAM = frozenset({StaffRole.COMPLAINTS})
_TEAM_OR_OFFICER = frozenset({StaffRole.COMPLAINTS, StaffRole.OFFICER})
_MORE = Part(
    name="more", label="Anything to add?", hint="In plain words. It stands in the letter as you write it.",
    is_needed=False,
)  # fmt: skip
_TO = Part(name="to", label="Name", is_line=True)
_ADDRESS = Part(
    name="address", label="E-mail address or address for post", hint="Check that it is theirs alone."
)

LETTERS = {
    kind.code: kind
    for kind in (
        LetterKind(code="acknowledgement", title="We have your request", parts=(_MORE,), is_automatic=True,
                   when="The request is here, with the day of the answer. The site sends it by itself."),
        LetterKind(code="identity-request", title="Please show us who you are", act=ClockAct.IDENTITY,
                   when="Only where you have a reasonable doubt about who is asking (UK GDPR Article 12(6)).",
                   parts=(Part(name="reason", label="What makes you doubt who is asking?", is_kept_back=True,
                               hint="Kept sealed with the case. It does not stand in the letter."),
                          Part(name="shows", label="What could they show you?",
                               hint="Offer more than one way, and none that an ex-partner could use."))),
        LetterKind(code="clarification", title="A question about your request", act=ClockAct.QUESTION,
                   when="You need to know what is asked for. The days until the answer do not count.",
                   parts=(Part(name="question", label="What do you ask?", hint="One clear question."),)),
        LetterKind(code="extension", title="We need more time", act=ClockAct.EXTENSION,
                   when="The request is complex, or there are many. It must leave within the first month.",
                   parts=(Part(name="reasons", label="Why is more time needed?",
                               hint="How complex it is, or how many requests there are. It stands in the letter."),)),
        LetterKind(code="progress", title="How your request is going", when="A few words while they wait.",
                   parts=(Part(name="news", label="What has been done, and what comes next?"),)),
        LetterKind(code="covering", title="Your pack is with this letter", parts=(_MORE,),
                   when="For a pack that goes by post. The pack has a covering letter of its own inside."),
        LetterKind(code="refusal", title="We cannot give you what you asked for",
                   when="A named person decided to refuse, wholly or in part. It must come within the time to answer.",
                   parts=(Part(name="reasons", label="Why? As far as it may be said",
                               hint="Say what was decided and by which role, never by whose name."),)),
        LetterKind(code="third-party-consultation", title="May we share words about you?",
                   audience=Audience.CONSULTEE, when="A record speaks of somebody else who can be asked.",
                   parts=(_ADDRESS,)),
        LetterKind(code="health-opinion-request", title="We need your opinion on health records",
                   audience=Audience.PROFESSIONAL, parts=(_TO, _ADDRESS, _MORE),
                   when="Health records may not leave, or be withheld for harm, without an opinion."),
        LetterKind(code="foi-own-records", title="You asked for your own records under Freedom of Information",
                   when="The request named Freedom of Information and is about the asker’s own records.",
                   parts=(_MORE,)),
        LetterKind(code="information-request", title="We have your Freedom of Information request",
                   when="The request, or a part of it, is about policies or numbers.", parts=(_MORE,)),
        LetterKind(code="care-leaver", title="Your file from your time in care", parts=(_MORE,),
                   when="The asker was in care."),
        LetterKind(code="competent-child", title="You asked for your own records", parts=(_MORE,),
                   when="A child who understands asks, or lets somebody ask."),
        LetterKind(code="adopted-adult", title="Your records from before you were adopted", parts=(_MORE,),
                   when="The asker was adopted. Adoption records have rules of their own."),
        LetterKind(code="parent-without-responsibility", title="Your request about a child", parts=(_MORE,),
                   when="The asker has no parental responsibility. Their own records are answered all the same."),
        LetterKind(code="health-records-of-the-dead", title="The health records of someone who has died",
                   when="A health record of somebody who died: another Act answers it.", parts=(_MORE,)),
        LetterKind(code="dead-council-file", title="The file of someone who has died",
                   when="There is no right to it. A person decides, and the reason is recorded.",
                   parts=(Part(name="decision", label="What did we decide, and why?"),)),
        LetterKind(code="dead-health-without-right", title="The health record of someone who has died",
                   when="The asker has no right to it. A person decides, and the reason is recorded.",
                   parts=(Part(name="decision", label="What did we decide, and why?"),)),
        LetterKind(code="pupil-record", title="Your child’s school record", parts=(_MORE,),
                   when="A parent asks for the record of a pupil at a maintained school."),
        LetterKind(code="not-ours", title="Another organisation holds these records",
                   when="We do not hold them, and know who may.",
                   parts=(Part(name="holder", label="Who may hold them, and how can they be reached?"),)),
        LetterKind(code="complaint-acknowledgement", title="We have your complaint", is_chosen=False,
                   act=ClockAct.COMPLAINT_ACKNOWLEDGED, senders=_TEAM, is_automatic=True, parts=(_MORE,),
                   when="The complaint is here, with the day of the answer."),
        LetterKind(code="complaint-outcome", title="Our answer to your complaint", is_chosen=False,
                   act=ClockAct.COMPLAINT_ANSWERED, senders=_TEAM, when="The answer, with what comes next.",
                   parts=(Part(name="words", label="What did we answer, and why?"),)),
        LetterKind(code="correction-acknowledgement", title="We have your request for a correction",
                   is_chosen=False, senders=_TEAM_OR_OFFICER, is_automatic=True, parts=(_MORE,),
                   when="The request for a correction is here."),
        LetterKind(code="correction-notice", title="A record you were sent is wrong", is_chosen=False,
                   audience=Audience.HOLDER, act=ClockAct.HOLDER_TOLD, senders=_TEAM_OR_OFFICER,
                   parts=(_TO, _ADDRESS, _MORE), when="Everybody who was sent a mistake is told (Article 19)."),
        LetterKind(code="correction-outcome", title="What became of your correction", is_chosen=False,
                   senders=_TEAM_OR_OFFICER, when="The answer to a request for a correction.",
                   parts=(Part(name="words", label="What was put right, what was not, and why?"),)),
    )
}  # fmt: skip
"""Every letter, by its code."""


OF_INFORMATION = frozenset({"acknowledgement", "information-request", "progress", "refusal", "not-ours"})
"""Letters that can be about the part that asks for policies or numbers."""


_OF_ANOTHER_LAW = frozenset(
    {
        "parent-without-responsibility", "health-records-of-the-dead", "dead-council-file",
        "dead-health-without-right", "pupil-record",
    }
)  # fmt: skip
"""Each speaks of one law, and goes only to a part that this law answers."""
_OF_A_PACK = frozenset(
    {
        "clarification", "extension", "covering", "third-party-consultation", "health-opinion-request",
        "foi-own-records", "care-leaver", "competent-child", "adopted-adult",
    }
)  # fmt: skip
"""They speak of searching, pausing, extending or packing: only a subject access request knows that."""
_OF_A_REFUSAL = frozenset({"refusal", "not-ours"})


def fits(kind: LetterKind, pathway: Pathway) -> bool:
    """Whether a letter says what is true where this law answers."""
    if pathway.when.information:
        return kind.code in OF_INFORMATION
    if kind.code in _OF_ANOTHER_LAW:
        return pathway.letter == kind.code
    if kind.code in _OF_A_PACK:
        return pathway.whole_route
    if kind.code in _OF_A_REFUSAL:
        return bool(pathway.appeal or pathway.if_refused)
    return kind.code != "information-request"


def letter_kind(code: str) -> LetterKind:
    """The kind of that code."""
    if code not in LETTERS:
        raise UnknownName(
            "There is no letter of that kind.", next_step="Choose one from the list.", field="kind"
        )
    return LETTERS[code]
