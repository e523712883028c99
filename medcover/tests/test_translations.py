"""The Czech catalogue is complete and certain."""

from __future__ import annotations

import re

from medcover import translations

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")


def test_no_czech_sentence_is_missing_or_doubtful():
    assert translations.missing() == []


def test_translations_keep_their_placeholders():
    wrong = []
    for entry in translations.stored():
        if not entry.id:
            continue
        originals = entry.id if isinstance(entry.id, tuple) else (entry.id,)
        texts = entry.string if isinstance(entry.string, tuple) else (entry.string,)
        known = {name for text in originals for name in PLACEHOLDER.findall(text)}
        wrong += [text for text in texts if set(PLACEHOLDER.findall(text)) - known]
        if not isinstance(entry.id, tuple) and set(PLACEHOLDER.findall(texts[0])) != known:
            wrong.append(texts[0])
    assert wrong == []


def test_czech_quotes_come_in_pairs():
    wrong = []
    for entry in translations.stored():
        texts = entry.string if isinstance(entry.string, tuple) else (entry.string,)
        wrong += [text for text in texts if text.count("„") != text.count("“") or "”" in text]
    assert wrong == []
