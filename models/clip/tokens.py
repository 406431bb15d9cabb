"""How many tokens CLIP makes of a text, without weights and without torch."""

import gzip
import string
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from models.errors import PackError

MERGES = 48_894  # of OpenAI's CLIP; the published file goes on beyond them
PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
ENDS = 2  # begin and end of text count towards the context of 77


class ClipTokenCounter:
    """Counts as open_clip's tokenizers do, begin and end of text included."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    @classmethod
    def openai(cls) -> "ClipTokenCounter":
        """OpenAI's byte-pair encoding (ViT-L-14 and most public CLIPs), from the file that open_clip carries."""
        spec = find_spec("open_clip")
        if spec is None or spec.origin is None:
            raise PackError("open_clip, which carries CLIP's vocabulary, is not installed; run make install")
        merges = list(_merges(Path(spec.origin).parent / "bpe_simple_vocab_16e6.txt.gz"))
        letters = sorted(pre_tokenizers.ByteLevel.alphabet())
        pieces = [*letters, *(letter + "</w>" for letter in letters), *(left + right for left, right in merges)]
        vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
        tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, end_of_word_suffix="</w>"))
        tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(PATTERN), behavior="removed", invert=True),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
        return cls(tokenizer)

    @classmethod
    def of(cls, folder: Path) -> "ClipTokenCounter":
        """The tokenizer of a scorer's folder; one without `tokenizer.json` uses OpenAI's."""
        file = folder / "tokenizer.json"
        return cls(Tokenizer.from_file(str(file))) if file.is_file() else cls.openai()

    def count(self, text: str) -> int:
        """Tokens of a text with its two ends; more than the model's context means that the rest is cut off."""
        return len(self._tokenizer.encode(text.strip(string.whitespace), add_special_tokens=False).ids) + ENDS


def _merges(file: Path) -> Iterator[tuple[str, str]]:
    lines = gzip.decompress(file.read_bytes()).decode("utf-8").split("\n")
    for line in lines[1 : MERGES + 1]:
        left, right = line.split()
        yield left, right
