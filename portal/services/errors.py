"""What can stand in the way of an act, in words for the person who tried it."""

from portal.kinds import Content
from portal.models import Document, Version


class Refused(Exception):
    """An act was refused; the message says in Japanese why and what to do."""


class NotFound(Refused):
    """There is no such thing, or the reader may not know of it: the two are one."""

    def __init__(self) -> None:
        super().__init__("お探しの文書は見つかりません。")


class Forbidden(Refused):
    """The reader sees the document but may not do this to it."""


class WrongState(Refused):
    """The document has moved on: the act does not fit its state any more."""


class EditConflict(Refused):
    """Somebody saved another version since this text was started. Nothing of either text is lost."""

    def __init__(self, document: Document, current: Version, mine: Content) -> None:
        who = current.author_name
        super().__init__(
            f"編集を始めたあとに、{who}さんが第{current.number}版を保存しました。両方の内容を見比べて保存し直してください。"
        )
        self.document, self.current, self.mine = document, current, mine


class StorageFull(Refused):
    """The disk cannot take the write; nothing half-written stays."""

    def __init__(self) -> None:
        super().__init__(
            "サーバーの空き容量が足りないため保存できません。入力した内容はこの画面に残っています。システム管理者に連絡してください。"
        )


class SearchRebuilding(Refused):
    """The index is missing, damaged or of another release and is being made anew."""

    def __init__(self) -> None:
        super().__init__(
            "検索の索引を作り直しています。しばらくしてからもう一度お試しください。文書の閲覧と作成はできます。"
        )
