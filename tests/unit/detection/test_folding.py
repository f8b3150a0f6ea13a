import pytest

from sar.detection.folding import fold, fold_words, keep_marks, surface


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Marcus\nHartley", "marcus hartley"),
        ("Marcus  \t Hartley", "marcus hartley"),
        ("Hart-\nley", "hartley"),
        ("Smith\u2011Jones", "smith jones"),
        ("Hart\u00adley", "hartley"),
        ("Hart\u200bley", "hartley"),
        ("Zoe\u0301 O\u2019Brien", "zoe o brien"),
        ("\ufb01nch", "finch"),
        ("\uff2d\uff41\uff52\uff43\uff55\uff53", "marcus"),
        ("Strau\u00dfe", "strausse"),
        ("\u0130pek I\u015f\u0131k", "ipek isik"),
        ("M\u0430rcus", "marcus"),
    ],
)
def test_written_variants_fold_to_one_form(written, folded):
    assert fold_words(written) == folded


def test_every_folded_word_leads_back_to_its_code_points():
    text = "\U0001f600 Ring Ann\u00ad\u200ba \ufb01nch, Zoe\u0301 and Hart-\n  ley\U0001f469\u200d\U0001f467!"
    folded = fold(text)
    originals = []
    cursor = 0
    for word in folded.text.split():
        at = folded.text.index(word, cursor)
        cursor = at + len(word)
        start, end = folded.span(at, cursor)
        originals.append(text[start : keep_marks(text, end)])
    assert originals == ["Ring", "Ann\u00ad\u200ba", "\ufb01nch", "Zoe\u0301", "and", "Hart-\n  ley"]


def test_surface_is_ascii_of_the_same_length():
    text = "Zo\u00eb \U0001f600 \u2018next\u00a0door\u2019 \u0416\u0438\u0437\u043d\u044c \u4f60\u597d \ufb03"
    assert surface(text).isascii()
    assert len(surface(text)) == len(text)
    assert "'next door'" in surface(text)


def test_many_different_characters_fold_as_few_do():
    many = "".join(chr(c) for c in range(0x100, 0x180))
    text = f"{many} Hart\u00e9ly"
    assert fold_words(text).endswith("hartely")
    assert len(surface(text)) == len(text)
