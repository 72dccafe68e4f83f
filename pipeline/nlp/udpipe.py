"""UDPipe through spaCy, with offsets that survive.

spacy-udpipe gives back words without their place and rebuilds the text where a word is no substring of it (the
multiword tokens of the official Arabic models). Here UDPipe itself says where each token stands (option ``ranges``,
in code points), the ranges are carried back to the text as given, and spaCy documents are built from those. A model
whose card names a clitic classifier gets its words from that; others, as the official ones, cut words themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path

import spacy
import spacy_udpipe
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab
from spacy_udpipe.tokenizer import UDPipeTokenizer
from spacy_udpipe.udpipe import UDPipeModel
from ufal.udpipe import OutputFormat, ProcessingError, Sentence

from pipeline.errors import ModelError
from pipeline.nlp import cards, clitics, model_file
from pipeline.nlp.chunks import Chunk, chunks
from pipeline.nlp.clitics import Clitics

# Characters handed to UDPipe in one call: enough to make the call itself cheap, little enough to bound memory.
BATCH_CHARS = 200_000
# UDPipe learns word boundaries on windows that may begin inside a word, so it is unsure about the very first letters
# and misses one in eleven conjunctions there. A full stop before each line tells it that a sentence begins.
LEAD = ". "
# Half of the newswire writes alif without hamza. A model whose tagger and parser know that spelling alone takes
# both for one word; places in the text do not change.
ALIFS = str.maketrans("أإآ", "ااا")


@dataclass
class Parsed:
    """The words of one sentence as columns of equal length.

    ``start`` and ``end`` are code points relative to the sentence; words of one multiword token get their own
    characters where their forms spell the token, else all have the token's span. ``head`` is 1-based, 0 the root.
    """

    start: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    form: list[str] = field(default_factory=list)
    lemma: list[str] = field(default_factory=list)
    upos: list[str] = field(default_factory=list)
    feats: list[str | None] = field(default_factory=list)
    head: list[int] = field(default_factory=list)
    deprel: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.form)


class Parser:
    """Tokenise, tag, lemmatise and parse sentences with one ``.udpipe`` model. Not thread-safe."""

    def __init__(
        self,
        model: UDPipeModel,
        vocab: Vocab,
        sha256: str,
        *,
        fold: bool = False,
        clitics: Clitics | None = None,
    ) -> None:
        self.sha256 = sha256
        self.fold = fold
        self.clitics = clitics
        self.model = model
        self.vocab = vocab
        self._writer = OutputFormat.newOutputFormat("conllu")

    def parse(self, sentences: Sequence[str]) -> list[Parsed]:
        """Return the words of each sentence; every character of it that is no white space lies in a word's span.

        Sentences may hold anything: they are cleaned and cut for UDPipe, never for the caller. Raises ModelError
        when UDPipe reports an error.
        """
        out = [Parsed() for _ in sentences]
        for batch in _batches(sentences):
            if self.clitics is None:
                blocks = self._run("\n".join(LEAD + chunk.text for _, chunk in batch))
                _distribute(sentences, batch, blocks, out)
                continue
            for number, chunk in batch:
                places = _whole(self.clitics.words(chunk.text), chunk.offsets)
                rows = _rows(self._annotate([chunk.text[a:b] for a, b in places]))
                _append(sentences[number], chunk, rows, places, out[number])
        for sentence, parsed in zip(sentences, out, strict=True):
            _cover(sentence, parsed)
            if self.fold:
                parsed.lemma = [respell(*pair) for pair in zip(parsed.lemma, parsed.form, strict=True)]
        return out

    def doc(self, sentence: str) -> Doc:
        """Return ``sentence`` as a spaCy document; ``doc.user_data["spans"]`` has (start, end) of each word."""
        return to_doc(self.vocab, sentence, self.parse([sentence])[0])

    def _annotate(self, forms: list[str]) -> str:
        """Return the CoNLL-U of one sentence of given words."""
        sentence = Sentence()
        for form in forms:
            sentence.addWord(form.translate(ALIFS) if self.fold else form)
        self.model.tag(sentence)
        self.model.parse(sentence)
        return str(self._writer.writeSentence(sentence))

    def _run(self, text: str) -> list[str]:
        """Return the CoNLL-U of each line of ``text``, the word that ``LEAD`` makes taken out before tagging."""
        tokenizer = self.model.model.newTokenizer("presegmented;ranges")
        tokenizer.setText(text)
        error, out, sentence = ProcessingError(), [], Sentence()
        while tokenizer.nextSentence(sentence, error):
            _drop_lead(sentence)
            if self.fold:
                _fold(sentence)
            self.model.tag(sentence)
            self.model.parse(sentence)
            out.append(self._writer.writeSentence(sentence))
            sentence = Sentence()
        if error.occurred():
            raise ModelError(f"UDPipe: {error.message}")
        return out


def _drop_lead(sentence: Sentence) -> None:
    words = sentence.words
    if len(words) < 3 or words[1].form != LEAD.strip():
        return
    del words[1]
    for number in range(1, len(words)):
        words[number].id = number
    tokens = sentence.multiwordTokens
    for index in range(len(tokens)):  # by index: iteration gives copies
        tokens[index].idFirst -= 1
        tokens[index].idLast -= 1


def respell(lemma: str, form: str) -> str:
    """Return ``lemma`` with the hamza that ``form`` writes, where the lemma stands in the form but for hamza.

    A model that reads alif without hamza has to guess it for words it does not know.

    >>> respell("اوبرا", "الأوبرا"), respell("إدارة", "ادارة"), respell("أمر", "أمور")
    ('أوبرا', 'إدارة', 'أمر')
    """
    at = form.translate(ALIFS).find(lemma.translate(ALIFS))
    if at < 0 or not lemma:
        return lemma
    written = form[at : at + len(lemma)]
    return written if written.translate(ALIFS) != written else lemma


def _fold(sentence: Sentence) -> None:
    """Write the alif of every word without hamza; the tokeniser has seen the text as it is."""
    words = sentence.words
    for number in range(1, len(words)):
        form = words[number].form
        folded = form.translate(ALIFS)
        if folded != form:
            words[number].form = folded


class OffsetTokenizer(UDPipeTokenizer):  # type: ignore[misc]
    """Stands in for spacy-udpipe's tokeniser: the same document, and exact places in ``doc.user_data["spans"]``.

    The text is taken as one sentence (the product cuts sentences itself).
    """

    def __init__(self, parser: Parser) -> None:
        super().__init__(model=parser.model, vocab=parser.vocab)
        self.parser = parser

    def __call__(self, text: str) -> Doc:
        return self.parser.doc(text)


def _batches(sentences: Sequence[str]) -> Iterator[list[tuple[int, Chunk]]]:
    batch: list[tuple[int, Chunk]] = []
    size = 0
    for number, sentence in enumerate(sentences):
        for chunk in chunks(sentence):
            if batch and size + len(chunk.text) > BATCH_CHARS:
                yield batch
                batch, size = [], 0
            batch.append((number, chunk))
            size += len(chunk.text) + 1
    if batch:
        yield batch


def _distribute(
    sentences: Sequence[str], batch: list[tuple[int, Chunk]], blocks: list[str], out: list[Parsed]
) -> None:
    """Append the words of UDPipe's sentences to ours; ranges tell which chunk a block belongs to."""
    at, base, limit = -1, 0, -1
    for block in blocks:
        rows = _rows(block)
        if not rows:
            continue
        begin = _range(rows[0][9])[0]
        while begin >= limit:
            at += 1
            base = limit + 1
            limit = base + len(LEAD) + len(batch[at][1].text)
        number, chunk = batch[at]
        before = base + len(LEAD)
        ranges = [_range(row[9]) for row in rows if "TokenRange" in row[9]]
        if len(ranges) != len(rows):
            rows, ranges = _multiword(chunk.text, before, rows)
        places = [(max(a - before, 0), max(b - before, 0)) for a, b in ranges]
        _append(sentences[number], chunk, rows, places, out[number])


def _rows(block: str) -> list[list[str]]:
    return [line.split("\t") for line in block.split("\n") if line and line[0] != "#"]


def _range(misc: str) -> tuple[int, int]:
    start, _, end = misc.rpartition("TokenRange=")[2].partition(":")
    return int(start), int(end)


def _whole(places: Sequence[tuple[int, int]], offsets: Sequence[int]) -> list[tuple[int, int]]:
    """Return ``places`` without the cuts that fall inside a character of the text, as the ligature ﻻ is (two letters to us).

    >>> _whole([(0, 1), (1, 4), (4, 6)], [0, 0, 1, 2, 3, 4, 5])
    [(0, 4), (4, 6)]
    """
    out: list[tuple[int, int]] = []
    for start, end in places:
        if out and offsets[start] == offsets[start - 1]:
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out


def _append(
    sentence: str, chunk: Chunk, rows: list[list[str]], places: list[tuple[int, int]], parsed: Parsed
) -> None:
    """Append one UDPipe sentence whose words stand at ``places`` of the chunk.

    A further piece of the same sentence hangs on its root as parataxis.
    """
    shift = len(parsed.form)
    root = parsed.head.index(0) + 1 if shift else 0
    offsets = chunk.offsets
    for row, (a, b) in zip(rows, places, strict=True):
        start, end = offsets[a], offsets[b]
        if end <= start:  # a ligature that the text writes as one character
            end = start + 1
        parsed.start.append(start)
        parsed.end.append(end)
        parsed.form.append(row[1] if row[8] == "multiword" else sentence[start:end])
        head = int(row[6])
        parsed.head.append(head + shift if head else root)
        parsed.deprel.append("parataxis" if root and not head else row[7])
    parsed.lemma.extend(row[2] for row in rows)
    parsed.upos.extend(row[3] for row in rows)
    parsed.feats.extend(None if row[5] == "_" else row[5] for row in rows)


def _multiword(text: str, base: int, rows: list[list[str]]) -> tuple[list[list[str]], list[tuple[int, int]]]:
    """Return word rows and their ranges where surface tokens hold several words.

    Words whose forms spell the token get their own characters, others the whole token; the eighth column, unused by
    UDPipe, marks words whose form is kept as the model gives it.
    """
    words: list[list[str]] = []
    places: list[tuple[int, int]] = []
    until, token, at = 0, (0, 0), 0
    spelt = False
    for i, row in enumerate(rows):
        first, _, last = row[0].partition("-")
        if last:
            until, token = int(last), _range(row[9])
            at = token[0]
            parts = rows[i + 1 : i + 2 + int(last) - int(first)]
            spelt = "".join(part[1] for part in parts) == text[token[0] - base : token[1] - base]
            continue
        inside = int(first) <= until
        row[8] = "multiword" if inside else "_"
        words.append(row)
        if inside and spelt:
            places.append((at, at + len(row[1])))
            at += len(row[1])
        else:
            places.append(token if inside else _range(row[9]))
    return words, places


def _cover(sentence: str, parsed: Parsed) -> None:
    """Widen words so that no visible character stands outside (invisible marks before or after a word)."""
    if not parsed.form:
        _stand_in(sentence, parsed)
        return
    at, last = 0, -1
    for i, (start, end) in enumerate(zip(parsed.start, parsed.end, strict=True)):
        if start > at:
            gap = sentence[at:start]
            if not gap.isspace():
                left = len(gap) - len(gap.lstrip())
                if left or last < 0:
                    _widen(sentence, parsed, i, at + left, end)
                else:
                    _widen(sentence, parsed, last, parsed.start[last], at + len(gap.rstrip()))
        if end > at:
            at, last = end, i
    rest = sentence[at:].rstrip()
    if rest:
        _widen(sentence, parsed, last, parsed.start[last], at + len(rest))


def _widen(sentence: str, parsed: Parsed, i: int, start: int, end: int) -> None:
    if parsed.form[i] == sentence[parsed.start[i] : parsed.end[i]]:
        parsed.form[i] = sentence[start:end]
    parsed.start[i], parsed.end[i] = start, end


def _stand_in(sentence: str, parsed: Parsed) -> None:
    """One word for a sentence in which UDPipe sees nothing (invisible characters alone)."""
    form = sentence.strip()
    if form:
        start = sentence.index(form[0])
        columns = (start, start + len(form), form, form, "X", None, 0, "root")
        for name, value in zip(vars(parsed), columns, strict=True):
            getattr(parsed, name).append(value)


def to_doc(vocab: Vocab, text: str, parsed: Parsed) -> Doc:
    """Return a spaCy document of the words; its own text equals ``text`` up to runs of white space.

    With multiword tokens the document spells the syntactic words; ``doc.user_data["spans"]`` is exact in any case.
    """
    spans = list(zip(parsed.start, parsed.end, strict=True))
    spaces = [b > a for (_, a), (b, _) in pairwise(spans)]
    doc = Doc(
        vocab,
        words=parsed.form,
        spaces=[*spaces, False][: len(spans)],
        pos=parsed.upos,
        lemmas=parsed.lemma,
        morphs=[feats or "" for feats in parsed.feats],
        heads=[head - 1 if head else i for i, head in enumerate(parsed.head)],
        deps=["ROOT" if deprel == "root" else deprel for deprel in parsed.deprel],
        user_data={"spans": spans},
    )
    return doc


@cache
def load(path: str, sha256: str | None = None) -> Parser:
    """Return the parser of the ``.udpipe`` file at ``path``, loaded once per process through spacy-udpipe.

    Raises ModelError where the file is no model or not the one that ``sha256`` names, before native code sees it.
    """
    found = model_file.check(path, sha256)
    nlp = spacy_udpipe.load_from_path("ar", path)
    tokenizer: UDPipeTokenizer = nlp.tokenizer
    if tokenizer.model.model is None:
        raise ModelError(
            "UDPipe cannot load it", place=f"model {path}", next_action="train or fetch it again"
        )
    use = cards.clitics_of(path, found)
    return Parser(
        tokenizer.model,
        tokenizer.vocab,
        found,
        fold=cards.folds_alif(Path(path), found),
        clitics=clitics.load(*use) if use else None,
    )


def language(path: str, sha256: str | None = None) -> Language:
    """Return a spaCy pipeline over the same parser, for notebooks: ``language(path)("نص").sents``."""
    parser = load(path, sha256)
    nlp: Language = spacy.blank("ar", vocab=parser.vocab)
    nlp.tokenizer = OffsetTokenizer(parser)
    return nlp
