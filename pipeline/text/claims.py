"""Claims of one document: source, cue and content with exact offsets, from the cue lexicon and a clause grammar.

The method is rule-based: lexical cues (``cues``) gated by their complements (``claims_complements``), as in the
source–cue–content scheme of PARC 3.0 (Pareti, 2016), with the speaker in the cue's own clause (``speakers``), its
referent in the document (``speakers_resolve``) and the chain of transmission (``chains``).
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.text import (
    claims_content,
    claims_gates,
    claims_headline,
    claims_tags,
    confidence,
    speakers_elided,
)
from pipeline.text.chains import Claim, History, Layer, Span, carry, nest, same_speaker
from pipeline.text.claims_complements import opens_clause
from pipeline.text.claims_content import Content
from pipeline.text.claims_context import bodies, collective, speaks, voices
from pipeline.text.claims_frame import Frame
from pipeline.text.claims_nouns import NO_COMMENT, Complement
from pipeline.text.claims_reports import Report, reports
from pipeline.text.claims_subjects import issuer_of_text
from pipeline.text.claims_tags import Tag
from pipeline.text.claims_times import said_at
from pipeline.text.claims_words import word_class
from pipeline.text.cues import Hit, cue_start
from pipeline.text.normalise import strip_marks
from pipeline.text.speakers import Phrase
from pipeline.text.speakers_register import IMPLICIT, Register, Source
from pipeline.text.speakers_resolve import resolve

TOPIC_BACK = 3
"""Sentences back in which an elided speaker is looked for who has said nothing yet."""
DEEPEST = 6
"""Layers of a chain at most; newswire reports within reports stay below four."""


def extract(frames: Sequence[Frame]) -> list[Claim]:
    """Return the claims of a document's sentences, given in reading order.

    Raises nothing on odd text: what cannot be read yields no claim.
    """
    register = Register(frames)
    found = [reports(frame) for frame in frames]
    register.add_nominals(collective(frames, found))
    register.add_bodies(bodies(frames, found, register))
    spoken = voices(frames, found, register)
    for frame, report in zip(frames, found, strict=True):
        report.headline = report.headline or claims_headline.known(frame, spoken)
    claims: list[Claim] = []
    history = History()
    section = None
    for at, (frame, report) in enumerate(zip(frames, found, strict=True)):
        if (frame.section, frame.section == "body" or frame.line) != section:
            section = (frame.section, frame.section == "body" or frame.line)
            history = History()
        if any(hit.entry.kind == "formula" for hit in frame.hits if hit.first <= 1):
            history.reset()
        if history.silence > 3:
            history.reset()
        builder = _Builder(
            frame, report, register, history, frames[at + 1 :], frames[max(0, at - TOPIC_BACK) : at]
        )
        made = builder.build()
        claims.extend(made)
        history.close_sentence(bool(made))
    claims = [c for c in claims if c.rule != "colon.headline" or speaks(c, claims, frames)]
    claims.sort(key=lambda c: (c.cue, c.content))
    confidence.assess(claims, frames)
    return claims


class _Builder:
    """Turns the reports of one sentence into claims with chains."""

    def __init__(
        self,
        frame: Frame,
        report: Report,
        register: Register,
        history: History,
        later: Sequence[Frame],
        before: Sequence[Frame],
    ) -> None:
        self.frame = frame
        self.report = report
        self.register = register
        self.history = history
        self.later = later
        self.before = before
        self.made: list[tuple[Claim, tuple[int, int]]] = []

    def build(self) -> list[Claim]:
        steps: list[tuple[int, int, int]] = [(v[0].first, 0, i) for i, v in enumerate(self.report.verbs)]
        for i, tag in enumerate(self.report.tags):  # an opening tag waits for the report it adds to
            steps.append((max(tag.hit.first, (self.report.owner(tag) or (0, 0))[0]), 1, i))
        for _, kind, i in sorted(steps):
            if kind == 0:
                self._verb(*self.report.verbs[i])
            else:
                self._tag(self.report.tags[i])
        if self.report.headline:
            self._headline(*self.report.headline)
        return [claim for claim, _ in self.made]

    # ------------------------------------------------------------------ reports with a cue of their own

    def _verb(self, hit: Hit, comp: Complement, last: int) -> None:
        frame = self.frame
        pieces = [(comp.first, last, comp.skip)]
        if hit in self.report.split:
            pieces.insert(0, self.report.split[hit])
        content = claims_content.build(frame, pieces, frame.quote(hit.first))
        content = self._continued(content, last)
        if not content.spans or content.spans[0][1] <= content.spans[0][0]:
            return
        cue = self._cue_span(hit)
        if (
            comp.rule == "charge"
            and frame.key(hit.last) in word_class("charges")
            and hit.entry.kind == "verb"
        ):
            cue = cue[0], frame.words[hit.last].end
        outer = self._outer(hit)
        layers = self._layers(hit, comp, cue, outer)
        if layers is None:
            return
        if outer is not None:
            if len(outer.layers) >= DEEPEST:
                return
            own = layers[-1].source
            if own.mention in {"pronoun", "elided"} and own.name == outer.speaker.name:
                return  # قالت الشركة إنها تتوقع: the speaker's own belief is no second report
            layers = nest(outer.layers, layers)
        stance = hit.entry.stance
        if comp.rule == "object" and frame.key(comp.first) in NO_COMMENT:
            stance = "neutral"
        if hit.entry.lemma == "دعا" and frame.key(hit.last) in {"الله", "المولي"}:
            stance = "ask"  # a prayer
        if layers[-1].source.mention == "implicit" and hit.entry.act in {"accuse", "opine"}:
            stance = "doubt"
        if hit.entry.lemma == "وجه" and comp.rule != "charge":
            sent = any(frame.key(k) in claims_gates.MESSAGES for k in range(hit.last, comp.first))
            stance = "neutral" if sent else "order"  # a message, an instruction, no charge
        claim = self._claim(hit, cue, content, stance, comp.rule, layers)
        claim.nested = outer is not None
        claim.said_at = said_at(frame, hit, comp.field_end)
        self.made.append((claim, (comp.first, last)))
        if outer is None:
            self.history.claims.append(claim)

    def _continued(self, content: Content, last: int) -> Content:
        """Add the next lines of a quotation that its line leaves open."""
        frame = self.frame
        number = frame.quote(last - 1)
        if number < 0 or frame.quotes[number].closed or not self.later or content.kind != "direct":
            return content
        spans, quoted = list(content.spans), list(content.quoted)
        for following in self.later:
            if following.line == frame.line:
                continue
            if not following.words or not following.opens(0):
                break
            quote = following.quotes[following.quote(0)]
            if quote.start > following.words[0].start:
                break
            spans.append((quote.inner_start, quote.inner_end))
            quoted.append((quote.inner_start, quote.inner_end))
            if quote.closed:
                break
        return Content(spans, quoted, content.kind)

    def _outer(self, hit: Hit) -> Claim | None:
        """The claim of this sentence whose content holds this cue."""
        place = self.frame.words[hit.first].start
        for claim, (first, last) in reversed(self.made):
            if first <= hit.first < last and any(s <= place < e for s, e in claim.content):
                return claim
        return None

    def _cue_span(self, hit: Hit) -> Span:
        frame = self.frame
        last = hit.first + 1 if hit.entry.lemma in {"نقلا عن", "جاء"} else hit.last
        return cue_start(frame.words, hit, frame.text), frame.words[last - 1].end

    def _layers(  # noqa: PLR0911, PLR0912
        self, hit: Hit, comp: Complement, cue: Span, outer: Claim | None
    ) -> list[Layer] | None:
        """Relay layers and the speaker of a report."""
        frame, entry = self.frame, hit.entry
        relayed = next((r for r in self.report.relayed if r.cue is hit), None)
        if relayed is not None:
            relays = self._relatives(relayed.speaker.first, comp.field_end)
            if relayed.speaker.clitic:  # نقل الموقع عنه قوله
                taken = self._elided(hit, relayed.speaker, cue, [])
                if not taken:
                    return None
                speaker = taken[-1].source
            else:
                speaker = speakers_elided.known(
                    resolve(frame, relayed.speaker, self.register), self.history, self.register
                )
            if relayed.relay is not None:
                source = resolve(frame, relayed.relay, self.register)
                relays.insert(0, Layer("relay", source, self._cue_span(relayed.hit)))
            return [*relays, Layer("speaker", speaker, cue)]
        if entry.kind == "accused" or self.report.passive(hit):
            return [Layer("speaker", IMPLICIT, cue)]
        relays = self._relatives(hit.last, comp.field_end)
        phrase = issuer_of_text(frame, hit, self.report.subject(hit, comp))
        if "text_in" in hit.entry.gate:
            return self._of_text(phrase, cue, relays)
        if (
            outer is not None
            and frame.quote(hit.first) >= 0
            and comp.rule != "an"
            and not self._has_name(phrase)
        ):
            return None
        if entry.kind == "masdar" and phrase is None and claims_gates.is_bare(frame, hit):
            return [*relays, Layer("speaker", IMPLICIT, cue)] if claims_gates.is_plural(frame, hit) else None
        if phrase is not None and not phrase.clitic:
            source = speakers_elided.known(resolve(frame, phrase, self.register), self.history, self.register)
            earlier = self.history.latest(entry)
            if entry.carries and earlier is not None and same_speaker(source, earlier.speaker) and not relays:
                # a source named behind the words (…، وفق X) passed those on, not what he says anew
                relays = carry(earlier, cue, "name")[earlier.tagged : -1]
            return [*relays, Layer("speaker", source, cue)]
        if outer is not None and (phrase is None or frame.quote(hit.first) >= 0):
            return None  # an elided subject inside a report is the reported person: no second source
        if phrase is None and entry.kind == "verb" and self._impersonal(hit, comp):
            return [Layer("speaker", IMPLICIT, cue)] if self._believed(hit) else None
        return self._elided(hit, phrase, cue, relays)

    def _of_text(self, phrase: Phrase | None, cue: Span, relays: list[Layer]) -> list[Layer] | None:
        """The text that جاء فيه takes up; whoever issued it is the subject of its sentence, if it does not say."""
        if phrase is None:
            return None
        source = resolve(self.frame, phrase, self.register)
        if source.name in {None, source.text} or source.type not in {"ORG", "PER"}:
            limit = self.frame.words[phrase.first].start
            issuer = next((n for n in self.frame.names if n.type in {"ORG", "PER"} and n.end <= limit), None)
            if issuer is not None:
                source = source._replace(name=issuer.canonical, type=issuer.type, entity=issuer.canonical)
        return [*relays, Layer("speaker", source, cue)]

    def _has_name(self, phrase: Phrase | None) -> bool:
        if phrase is None:
            return False
        start, end = self.frame.words[phrase.first].start, self.frame.words[phrase.last - 1].end
        return any(start <= n.start and n.end <= end for n in self.frame.names)

    def _impersonal(self, hit: Hit, comp: Complement) -> bool:
        """يعتقد أن، يتوقع أن with nobody to think it: the reporter's own hedge; هل تتوقع: his question to somebody."""
        if self.frame.key(hit.first - 1) == "هل" and self.frame.key(hit.first)[:1] == "ت":
            return True
        if comp.rule != "an":
            return False
        bare = self.frame.key(hit.first)[hit.skip :][:1] == "ي" and hit.entry.act in {"opine", "predict"}
        return bare and comp.field_end <= hit.last + 1 and not any(not c.nested for c, _ in self.made)

    def _believed(self, hit: Hit) -> bool:
        """يعتقد أن with nobody to believe it: a source that cannot be recovered (not: وهو يعتقد أن)."""
        return hit.entry.lemma == "اعتقد" and not self.frame.key(hit.first - 1).endswith(
            ("هو", "انه", "لا", "لم")
        )

    def _relatives(self, first: int, last: int) -> list[Layer]:
        found = []
        for hit, phrase in claims_tags.relays(self.frame, first, last):
            found.append(Layer("relay", resolve(self.frame, phrase, self.register), self._cue_span(hit)))
        return found

    def _elided(self, hit: Hit, phrase: Phrase | None, cue: Span, relays: list[Layer]) -> list[Layer] | None:
        mention, start, end, text = "elided", None, None, None
        if phrase is not None:
            start, end, text = self._clitic(phrase)
            mention = "pronoun"
        spoke = any(not c.nested for c, _ in self.made)
        local = (
            None
            if hit.entry.carries or (hit.entry.kind == "hal" and spoke)
            else speakers_elided.clause_subject(self.frame, hit, self.register)
        )
        earlier = self.history.latest(hit.entry, self.frame.sent_no)
        if local is not None and (earlier is None or not any(c is earlier for c, _ in self.made)):
            source = local._replace(mention=mention, start=start, end=end, text=text)
            return [*relays, Layer("speaker", source, cue)]
        if earlier is not None and speakers_elided.new_topic(
            self.frame, hit, self.before, self.history, self.register
        ):
            earlier = None
        if earlier is None:
            topic = speakers_elided.topic(self.frame, hit.entry, self.before, self.register)
            if topic is not None:
                source = topic._replace(mention=mention, start=start, end=end, text=text)
                return [*relays, Layer("speaker", source, cue)]
            if hit.entry.kind == "masdar":
                return None
            if hit.entry.act == "accuse" and mention == "elided":
                return [*relays, Layer("speaker", IMPLICIT, cue)]
            if hit.entry.kind == "verb" and phrase is None and not opens_clause(self.frame, hit):
                return None  # إرهاب يصر على: a verb inside a phrase whose subject nobody knows
            return [*relays, Layer("speaker", Source(mention, None, None, text, start, end), cue)]
        layers = carry(earlier, cue, mention, start, end, text)
        teller = next((layer for layer in layers[:-1] if layer.source.type == "PER"), None)
        nameless = (
            earlier.speaker.name in {None, earlier.speaker.text} and earlier.speaker.mention == "nominal"
        )
        if nameless and earlier.speaker.type != "PER" and teller is not None:
            # He quotes a text; it is he who goes on (نقلا عن بيان … وأضاف)
            source = teller.source._replace(mention=mention, text=text, start=start, end=end)
            return [*relays, Layer("speaker", source, cue)]
        return [*relays, layers[-1]] if relays else layers

    def _clitic(self, phrase: Phrase) -> tuple[int, int, str]:
        frame = self.frame
        word = frame.words[phrase.last - 1]
        offsets = strip_marks(frame.raw(phrase.last - 1))[1]
        start = word.start + offsets[len(offsets) - 1 - phrase.clitic]
        return start, word.end, frame.text[start : word.end]

    def _claim(
        self, hit: Hit, cue: Span, content: Content, stance: str, rule: str, layers: list[Layer]
    ) -> Claim:
        frame = self.frame
        name = f"{hit.entry.kind}.{rule}"
        return Claim(
            frame.sent_no, frame.section, cue, hit.entry.lemma, stance, content.spans, content.quoted,
            content.kind, name, layers,
        )  # fmt: skip

    # ------------------------------------------------------------------ tags and headlines

    def _tag(self, tag: Tag) -> None:
        frame, hit = self.frame, tag.hit
        cue = self._cue_span(hit)
        source, layers = self._tag_source(tag)
        if source is None:
            return
        owner = self._owner(tag)
        if owner is not None:
            if hit.entry.kind != "tag_own":
                relay = [Layer("relay", layer.source, layer.cue) for layer in layers]
                if len(relay) > 1 and tag.source and frame.key(tag.source.first) in word_class("media"):
                    relay = relay[:-1]  # في حوار أجرته مجلة: the outlet is the layer, not the interview
                owner.layers[:0] = relay
                owner.tagged += len(relay) if frame.words[hit.first].start > owner.cue[0] else 0
                for claim in self._holders(owner):
                    claim.layers[:0] = relay
            elif owner.stance in {"neutral", "assert"}:
                owner.stance = hit.entry.stance
            return
        if not tag.pieces:
            self._sentence_before(tag, layers)
            return
        content = claims_content.build(frame, tag.pieces, -1)
        rule = "tag" if frame.words[hit.first].start > content.spans[0][0] else "tag_first"
        claim = self._claim(hit, cue, content, hit.entry.stance, rule, layers)
        self.made.append((claim, (tag.pieces[0][0], tag.pieces[-1][1])))
        self.history.claims.append(claim)

    def _sentence_before(self, tag: Tag, layers: list[Layer]) -> None:
        """A tag that is a sentence of its own adds its source to the report before it, or makes that sentence one."""
        before = self.before[-1] if self.before and self.before[-1].line == self.frame.line else None
        if before is None or not claims_tags.is_whole(self.frame, tag.hit, tag.source or Phrase(0, 0)):
            return
        told = [c for c in self.history.claims if c.sent_no == before.sent_no and not c.nested]
        if told:
            told[-1].layers[:0] = [Layer("relay", layer.source, layer.cue) for layer in layers]
            return
        piece = claims_tags.whole_clause(before)
        if piece is not None:
            content = claims_content.build(before, [piece], -1)
            claim = self._claim(
                tag.hit, self._cue_span(tag.hit), content, tag.hit.entry.stance, "sentence", layers
            )
            self.made.append((claim, (0, 0)))
            self.history.claims.append(claim)

    def _tag_source(self, tag: Tag) -> tuple[Source | None, list[Layer]]:
        frame, hit = self.frame, tag.hit
        cue = self._cue_span(hit)
        if tag.source is None:
            return None, []
        if tag.source.clitic:
            start, end, text = self._clitic(tag.source)
            earlier = self.history.latest(hit.entry)
            if earlier is None:
                return None, []
            layers = carry(earlier, cue, "pronoun", start, end, text)
            return layers[-1].source, layers
        if tag.source.first == tag.source.last:
            elided = self._elided(hit, None, cue, [])
            return (elided[-1].source, elided) if elided and elided[-1].source.name else (None, [])
        source = speakers_elided.known(resolve(frame, tag.source, self.register), self.history, self.register)
        relays = self._relatives(tag.source.last, min(tag.source.last + 8, len(frame.words)))
        return source, [*relays, Layer("speaker", source, cue)]

    def _owner(self, tag: Tag) -> Claim | None:
        """The report of the same clause that a tag adds its source to."""
        return next(
            (c for c, (first, last) in reversed(self.made) if (first, last) == self.report.owner(tag)), None
        )

    def _holders(self, owner: Claim) -> list[Claim]:
        """The claims of the sentence that hold a nested one: a source behind the whole passed all of it on."""
        place = owner.cue[0]
        held = [c for c, _ in self.made if c is not owner and any(s <= place < e for s, e in c.content)]
        return held if owner.nested else []

    def _headline(self, phrase: Phrase, colon: int, last: int) -> None:
        frame = self.frame
        source = resolve(frame, phrase, self.register)
        content = claims_content.build(frame, [(colon + 1, last, 0)], -1)
        mark = frame.words[colon]
        claim = Claim(
            frame.sent_no, frame.section, (mark.start, mark.end), ":", "neutral", content.spans, content.quoted,
            content.kind, "colon.headline", [Layer("speaker", source, (mark.start, mark.end))],
        )  # fmt: skip
        self.made.append((claim, (colon + 1, last)))
        self.history.claims.append(claim)
