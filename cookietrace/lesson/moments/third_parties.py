"""A rule about browsers that seem to block third-party cookies."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.fold.exchange import Note, NoteKind
from cookietrace.lesson.moments.scene import MomentText, RuleMatch, Scene


def blocks_third_parties(scene: Scene) -> Iterator[RuleMatch]:
    """A client seems to block third-party cookies, without having said so."""
    for note in scene.notes:
        if note.kind is not NoteKind.THIRD_PARTY_BLOCKED:
            continue

        def write(note: Note = note) -> MomentText:
            numbers = [scene.table.trace.exchange(one).number for one in note.exchanges]
            earlier = [number for number in numbers if number != scene.number]
            evidence = f"The request in {scene.at()} was made inside a page of another site"
            if earlier:
                evidence = (
                    f"The response in {scene.at(earlier[0])} set a cookie inside a page of another "
                    f"site, and the request in {scene.at()} did not carry it"
                )
            else:
                evidence += ", and it carried none of the cookies that the client has for it"
            return MomentText(
                "Does this browser block third-party cookies?",
                f"It seems so. {evidence}. Nothing in the requests says it, so this is a guess; a "
                "third-party cookie that is sent would disprove it.",
                scene.steps(*numbers),
                "Add Partitioned (with Secure; SameSite=None) to cookies that are needed inside "
                "other sites' pages, or ask for access with the Storage Access API "
                "(document.requestStorageAccess()).",
            )

        yield RuleMatch(note.client_id, write)
