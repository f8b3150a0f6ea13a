"""What is folded, what never is, and that no word and no place is lost by it."""

from dataclasses import replace
from datetime import date

import pytest

from sar.domain.duplicates import difference, fold, joined, trace_of
from sar.domain.records import AlertEntry, AlertStep, DataClass, Passage, RecordKind
from sar.domain.references import RecordKey, StoreName
from tests.fakes.mails import STYLES, mail, reply
from tests.fakes.ports import record

FIRST = mail("1", "Hi Ben,\n\nLeanne came to clinic today. She was well and the baby is growing.\n\nJane")
BEN = "Ben Okafor <ben.okafor@fenwater.example>"
LONG = "The family was seen at home on Tuesday. Both parents were there and the flat was warm and tidy."


def folded(*records):
    return fold(trace_of(r) for r in records)


def key(native, store="mailbox"):
    return RecordKey(StoreName(store), native)


def document(native, text, *, store="files", name="note.txt", **more):
    passages = (Passage(label="File name", text=name), Passage(label="Text", text=text))
    return replace(record(native, store=store, **more), passages=passages)


def test_the_same_mail_in_three_mailboxes_is_one_with_three_places():
    copies = [
        replace(FIRST, key=key(str(n)), provenance=replace(FIRST.provenance, native_id=str(n))) for n in "123"
    ]
    found = folded(*copies)
    assert found.exact == ((key("1"), key("2"), key("3")),)
    one = joined(copies[0], copies[1:])
    assert [c.native_id for c in one.copies] == ["2", "3"]
    assert one.passages == copies[0].passages


@pytest.mark.parametrize(
    "passages",
    [
        [("SUBJECT", "Leanne's  birth plan"), ("to", "Ben"), ("From", "Jane"), ("Text", "> Seen\n>   today.")],
        [("text", "Seen\n today."), ("From", "Jane"), ("TO", "Ben"), ("Subject", "Leanne's birth plan")],
    ],
)  # fmt: skip
def test_white_space_label_case_header_order_and_quoting_marks_make_no_difference(passages):
    plain = [("From", "Jane"), ("To", "Ben"), ("Subject", "Leanne's birth plan"), ("Text", "Seen today.")]
    one, other = (
        replace(record(n, store=n), passages=tuple(Passage(label=a, text=b) for a, b in p))
        for n, p in (("a", plain), ("b", passages))
    )
    assert folded(one, other).exact == ((key("a", "a"), key("b", "b")),)


def test_two_equal_entries_of_one_structured_store_are_two_calls():
    calls = [record(n, "No answer to the call.", store="social") for n in "12"]
    other = record("9", "No answer to the call.", store="ward")
    assert folded(*calls).exact == ()
    assert folded(*calls, other).exact == ((key("1", "social"), key("9", "ward")),)


def test_one_document_in_two_folders_is_one_and_both_names_are_told():
    one, other = document("a", LONG, name="visit.txt"), document("b", LONG, name="COPY of visit.txt")
    assert folded(one, other).exact == ((key("a", "files"), key("b", "files")),)
    both = joined(one, [other])
    assert ("Also in The files, 4 March 2024: File name", "COPY of visit.txt") in [
        (p.label, p.text) for p in both.passages
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"data_class": DataClass.HEALTH},
        {"on": date(2024, 3, 5)},
        {"kind": RecordKind.COMPLAINT},
        {"about": ("callum",)},
        {"alert": (AlertEntry(alert_number="AL-1", step=AlertStep.RAISED, on=date(2024, 3, 4)),)},
    ],
)
def test_what_is_never_folded(other):
    one = document("a", LONG, data_class=DataClass.SOCIAL_WORK)
    two = document("b", LONG, **{"data_class": DataClass.SOCIAL_WORK, **other})
    assert folded(one, two).exact == ()


def test_a_copy_about_fewer_people_stays_by_itself():
    narrow, wide = document("a", LONG), document("b", LONG, about=("leanne", "callum"), store="school")
    assert folded(narrow, wide).exact == ()
    both = document("c", LONG, about=("leanne", "callum"))
    assert folded(narrow, wide, both).exact == ((key("c", "files"), key("b", "school")),)


def test_a_message_about_fewer_people_is_not_shown_to_the_others_through_a_fuller_one():
    answer = reply("2", "Thank you.", FIRST, by=BEN, about=("leanne", "callum"))
    assert folded(FIRST, answer).contained == ()


@pytest.mark.parametrize("style", STYLES)
def test_a_message_that_is_quoted_whole_goes_into_the_reply(style):
    answer = reply("2", "Thank you. I will tell the team.", FIRST, style=style, by=BEN, to="Jane Doe")
    assert folded(answer, FIRST).contained == ((key("2"), (key("1"),)),)


@pytest.mark.parametrize("style", STYLES)
def test_a_long_thread_goes_into_its_last_message_and_each_branch_stays(style):
    thread = [FIRST]
    for n in range(2, 8):
        by = BEN if n % 2 == 0 else "Jane Doe <jane.doe@fenwater.example>"
        words = f"Answer number {n}. The plan was read again by all of us today."
        thread.append(reply(str(n), words, thread[-1], style=style, by=by, on=date(2024, 3, 4 + n)))
    branch = reply("9", "I was not asked about this.", thread[2], style=style, by="Ann Lee <ann@x.example>")
    [(fullest, inner)] = folded(*thread, branch).contained
    assert fullest == key("7")
    assert inner == tuple(key(str(n)) for n in range(1, 7))


@pytest.mark.parametrize(
    ("inner", "why"),
    [
        (replace(FIRST, about=frozenset({"callum"})), "it is about somebody else"),
        (
            mail("1", "Hi Ben,\n\nLeanne came to clinic today.\n\nJane", attached=("scan.pdf",)),
            "a file is missing",
        ),
        (replace(FIRST, kind=RecordKind.COMPLAINT), "a complaint has to be found as one"),
    ],
)
def test_a_message_stays_when_the_reply_does_not_hold_all_of_it(inner, why):
    assert folded(inner, reply("2", "Thank you.", inner, by=BEN, about=("leanne",))).contained == (), why


def test_thanks_from_somebody_else_is_not_the_thanks_that_is_quoted():
    thanks = mail("1", "Thanks.")
    answer = reply("2", "You are welcome.", thanks, by=BEN)
    other = mail("3", "Thanks.", by="Ann Lee <ann.lee@fenwater.example>")
    assert folded(thanks, answer, other).contained == ((key("2"), (key("1"),)),)


def test_who_was_told_by_a_folded_message_is_kept():
    told = mail("1", "Leanne came to clinic today. She was well.", cc="School nurse <nurse@school.example>")
    answer = reply("2", "Thank you.", told, by=BEN, to="Jane Doe", on=date(2024, 3, 5))
    one = joined(answer, [told])
    [head] = [p for p in one.passages if p.label.startswith("Also in")]
    assert head.label == "Also in The mailbox, 4 March 2024: From, to and date"
    assert "Copied to: School nurse <nurse@school.example>" in head.text
    assert "To: Ben Okafor" in head.text


def test_a_footer_does_not_keep_a_message_apart_and_is_not_lost():
    footer = "\n\n-- \nJane Doe\nTel 01632 960123\n"
    signed = mail("1", "Leanne came to clinic today. She was well." + footer)
    answer = reply("2", "Thank you.", mail("1", "Leanne came to clinic today. She was well."), by=BEN)
    assert folded(signed, answer).contained == ((key("2"), (key("1"),)),)
    assert "Tel 01632 960123" in "\n".join(p.text for p in joined(answer, [signed]).passages)


SEEN = "I saw Leanne at the clinic today and spoke with her sister about it."


def test_a_line_below_a_signature_is_not_known_because_it_stands_inside_another_sentence():
    signed = mail("1", f"{SEEN}\n-- \nJane\nI was told by her father.")
    answer = reply("2", "Nobody says that I was told by her father. That is wrong.", mail("1", SEEN), by=BEN)
    assert folded(signed, answer).contained == ((key("2"), (key("1"),)),)
    [over] = [p.text for p in joined(answer, [signed]).passages if p.label.endswith(": Text")]
    assert over == "--\nJane\nI was told by her father."


@pytest.mark.parametrize(
    "start",
    ["-- ", "This email is confidential and intended for the addressee."],
    ids=["signed", "disclaimer"],
)
def test_two_messages_with_different_words_below_the_signature_are_read_both(start):
    one, other = (
        mail(n, f"Here are my answers.\n{start}\nWas she hurt?\n{a}\nWas he there?\n{b}", to=f"{n}@x.example")
        for n, a, b in (("1", "No.", "Yes."), ("2", "Yes.", "No."))
    )
    assert folded(one, other).groups == ()
    answer = reply("3", "Thank you.", one, by=BEN)
    assert folded(one, other, answer).contained == ((key("3"), (key("1"),)),)


def test_what_a_message_says_below_its_signature_is_kept_whole_and_not_line_by_line():
    one = mail("1", "Here are my answers.\n-- \nWas she hurt?\nNo.\nWas he there?\nYes.")
    other = mail("2", "Here are my answers.\n-- \nWas she hurt?\nYes.\nWas he there?\nNo.")
    over = [p.text for p in joined(one, [other]).passages if p.label.endswith(": Text")]
    assert over == ["--\nWas she hurt?\nYes.\nWas he there?\nNo."]


def test_the_sent_copy_with_its_blind_copy_goes_with_the_received_one():
    sent = replace(FIRST, key=key("s", "sent"))
    sent = replace(
        sent, passages=(*sent.passages, Passage(label="Blind copied to", text="Team <team@x.example>"))
    )
    found = folded(FIRST, sent)
    [(head, [inner])] = found.contained
    kept, gone = (FIRST, sent) if head == FIRST.key else (sent, FIRST)
    assert {head, inner} == {FIRST.key, sent.key}
    assert "team@x.example" in "\n".join(p.text for p in joined(kept, [gone]).passages)


@pytest.mark.parametrize(
    ("quoted", "told"),
    [
        (
            LONG.replace("warm", "cold"),
            "Quoted as: “Both parents were there and the flat was cold and tidy.”",
        ),
        ("The family was seen at home on Tuesday.", "Left out of the quote: “Both parents were there"),
        (LONG + " The father shouted.", "Put into the quote: “The father shouted.”"),
    ],
)
def test_an_altered_quote_is_flagged_with_its_difference(quoted, told):
    original = mail("1", LONG)
    answer = reply("2", "See below.", mail("1", quoted), by=BEN)
    found = folded(original, answer)
    assert found.contained == ()
    [quote] = found.altered
    assert (quote.quoting, quote.original, quote.held_in) == (key("2"), key("1"), key("1"))
    assert told in " ".join(difference(quote, quoting=answer, holder=original))


def test_the_original_of_an_altered_quote_is_read_where_it_was_folded_into():
    original = mail("1", LONG)
    whole = reply("2", "Thank you, I have read this.", original, by=BEN)
    wrong = reply("3", "See below.", mail("1", LONG.replace("warm", "cold")), by=BEN)
    [quote] = folded(original, whole, wrong).altered
    assert quote.held_in == key("2")
    assert "warm" in " ".join(difference(quote, quoting=wrong, holder=whole))


def test_an_exact_quote_and_an_inline_answer_are_not_altered():
    original = mail("1", "Was the family seen on Tuesday? Was the flat warm and tidy?")
    inline = "> Was the family seen on Tuesday?\nYes.\n> Was the flat warm and tidy?\nIt was."
    answer = mail("2", f"On 4 March 2024 at 10:12, Jane Doe wrote:\n{inline}", by=BEN)
    found = folded(original, answer)
    assert found.altered == ()
    assert found.contained == ((key("2"), (key("1"),)),)


def test_near_copies_are_linked_and_both_are_kept():
    one, other = document("a", LONG * 3), document("b", LONG * 3 + " Signed.", name="final.txt")
    found = folded(one, other)
    assert found.exact == ()
    [(first, second, like)] = found.near
    assert {first, second} == {one.key, other.key}
    assert 0.8 <= like <= 1


def test_a_group_holds_the_copies_of_what_was_folded_too():
    copy = replace(
        FIRST, key=key("1", "archive"), provenance=replace(FIRST.provenance, store=StoreName("archive"))
    )
    answer = reply("2", "Thank you. I will tell the team.", FIRST, by=BEN)
    assert folded(FIRST, copy, answer).groups == ((key("2"), (key("1", "archive"), key("1"))),)
