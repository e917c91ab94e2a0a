"""Text cut into words for people to read, not for the index: nothing is dropped or brought to another spelling."""

from search_index.analysis import _pieces, _tokenizer


def cut_words(text: str) -> list[str]:
    """Return the words of a text in Sudachi's longest units (mode C); joined they are the text again."""
    if len(text) < 2:
        return [text] if text else []
    words = [word.surface() for _, piece in _pieces(text) for word in _tokenizer().tokenize(piece)]
    return words if "".join(words) == text else list(text)
