"""Messages about what people say of a deliverable."""

from notifications.message import DeliverableMessage, Text
from notifications.typography import french


class CommentAdded(DeliverableMessage):
    """What both messages about a new comment tell: who wrote it, in what quality, on which version (if any)."""

    commented_by: Text
    commented_by_party: Text | None = None
    commented_as: Text
    version: int | None = None
    text: Text
    is_answer: bool = False

    @property
    def commenter(self) -> str:
        """« Paul Étienne (signataire, Guichen) »."""
        stands = ", ".join(filter(None, (self.commented_as, self.commented_by_party)))
        return f"{self.commented_by} ({stands})"


class CommentAddedForAuthor(CommentAdded):
    """Somebody says something of a deliverable. For those who wrote it."""

    def headline(self) -> str:
        return french(f"Un commentaire sur {self.deliverable}")


class CommentAddedForCommenter(CommentAdded):
    """Somebody says something more of a deliverable. For those who had commented on it before."""

    def headline(self) -> str:
        return french(f"La discussion continue : {self.deliverable}")


class CommentWithdrawnForAuthor(DeliverableMessage):
    """The ANCT withdrew a comment, and says why. For who had written it."""

    withdrawn_by: Text
    reason: Text

    def headline(self) -> str:
        return french(f"Votre commentaire a été retiré : {self.deliverable}")
