"""The texts that the tokenizer tests compare on: many scripts, emoji, controls, broken UTF-8, odd spacing."""
import random
import unicodedata

PLAIN = [
    "", " ", "  ", "\n", "\t\n", "a", " a", "a ", "  a  b  ", "Hello, world!", "Hello  world\n\nnew  paragraph \n",
    "I'm sure they've said it's what we'll do; you'd say he's right, isn't it? WE'LL 'S 's 'll 're'",
    "The quick brown fox jumps over the lazy dog.", "state-of-the-art e-mail: someone@example.org, https://example.org/a?b=c&d=%20#e",
    "Prices: $1,234.56 €99 £3.50 ¥1000; 50% off!!! 1234567890 12 345 6.7e-8 0xDEADBEEF",
    "def main(argc, argv):\n\treturn {'key': [1, 2.5, None]}\n\n\nif __name__ == \"__main__\":\n    main()\n",
    "Ünïcödé ÀÉÎÕÜ àéîõü ñ ç ß ẞ Œuvre Æsir Øresund Ångström naïve café résumé İstanbul ıI",
    "e\u0301 a\u0308\u0323 a\u0323\u0308 \u0301 o\u031b\u0301 \u1e69 s\u0323\u0307 q\u0307\u0323 \u212b \ufb01 \u2460 \u00bd x\u00b2",
    "Привет, мир! Ёлка йод Київ їжак", "Γειά σου Κόσμε, Ελληνικά ΐ ς Σ", "שלום עולם וְאַהַבְתָּ", "مرحبا بالعالم، كَيْفَ حَالُكَ؟",
    "नमस्ते दुनिया क्षत्रिय हिन्दी", "สวัสดีชาวโลก", "안녕하세요 세계 각 ᄀ ᆨ", "こんにちは世界。カタカナ ﾊﾝｶｸ ガ が", "你好，世界！今天天气很好。𠀀𠮷",
    "Xin chào thế giới, tiếng Việt", "ሰላም ዓለም", "გამარჯობა მსოფლიო ᲒᲐ", "Բարև աշխարհ և", "ಕನ್ನಡ தமிழ் తెలుగు മലയാളം සිංහල",
    "😀 😃😄 👍🏽 👨‍👩‍👧‍👦 🏳️‍🌈 🇩🇪🇫🇷 ❤️ ☕ 🤖\U0001fae0", "a\u200bb\u200cc\u200dd\ufeffe\u00adf\u2060g\u180eh", "a\u00a0b\u2003c\u3000d\u2028e\u2029f\u0085g\u1680h\u202fi",
    "\x00a\x01b\x1fc\x7fd\x80e\x9ff", "tab\tnl\ncr\rvt\x0bff\x0c.", "\r\n\r\n  \r\n x", "\ufffd\ufffe\uffff \U0010ffff\U000f0000\ue000",
    "[CLS] hello [SEP] [MASK] [PAD][UNK] [cls] [mask]", "<s> hello </s><pad> <mask>  <mask> x<mask>y", "<|endoftext|>hello<|endoftext|> world <|im_start|>user\nhi<|im_end|>\n",
    "<|user|>\nHello<|end|>\n<|assistant|>   \n ok <|system|>", "<unk> <0x0A> <0xE2> ▁ ▁▁a Ġ Ċ Ġthe âĢ", "##ing ## a##b",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa end",
    "é" * 99 + " " + "é" * 100 + " " + "é" * 101, "supercalifragilisticexpialidocious antidisestablishmentarianism Donaudampfschifffahrtsgesellschaft",
    "…—–‘’“”«»„‚‹›·•†‡§¶©®™°±×÷≠≤≥∞∑∫√∂∆Ω→←↑↓⇒", "ǅ ǆ Ǆ ŉ ĸ ſ K Å ℵ ⅷ Ⅷ ⓐ Ⓐ ª º ² ₂ ½ 一二三 ٣ ३ ৩ 𝟗 𝐀 𝓪 ﬀ ﬃ ﷺ ㍿ ㎏ ½", "'ſ 'K ſ's 'ſT ꞌs",
    "   leading and trailing   ", "a  b   c    d     e", "\n\n\na\n\n b \n c", "word " * 40, "1" * 50, "!?" * 30, " " * 70 + "x" + " " * 70,
    "Mixed中文English日本語한국어العربيةעברית", "x\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309\u030a y", "\u0915\u093c \u0958 \u09dc \u0b4b \u1100\u1161\u11a8 \uac01",
    "don't can't won't I'd've y'all'd 'tis rock'n'roll do not is n't", "U.S.A. Mr. Smith's car, vs. Dr. No?! (yes) [no] {maybe} <tag/>", "`code` ~tilde~ ^caret^ |pipe| \\back\\ @at #hash $dollar *star* _under_",
]
BROKEN = [
    b"\xff", b"\x80abc", b"abc\xc3", b"\xe2\x82", b"\xe2\x82x", b"\xf0\x9f\x98", b"\xf0\x9f\x98\x80\xf0\x9f", b"\xc0\xaf \xe0\x80\xaf \xed\xa0\x80", b"\xf4\x90\x80\x80 \xf8\x88\x80\x80\x80",
    b"caf\xe9 na\xefve", b"\xe4\xbd\xa0\xe5\xa5", b"a\x00\xffb \xfe\xff", b"\xed\xbf\xbf\xc2\x20\xe1\xa0\xc0 end",
]


def assigned(rng, low, high):
    """A code point of a range that Unicode 16 knows: the regular expressions of the library's build know no newer ones."""
    while True:
        c = chr(rng.randint(low, high))
        if unicodedata.category(c) != "Cn":
            return c


def texts():
    """All texts as bytes."""
    rng = random.Random(20240501)
    out = [t.encode("utf-8") for t in PLAIN] + BROKEN
    ranges = [(0x20, 0x7E)] * 4 + [(0, 0x1F), (0x80, 0x24F), (0x300, 0x36F), (0x370, 0x5FF), (0x600, 0x6FF), (0x900, 0xDFF), (0xE00, 0x10FF), (0x1100, 0x11FF),
              (0x1E00, 0x206F), (0x2070, 0x2BFF), (0x2E80, 0x30FF), (0x3400, 0x9FFF), (0xA000, 0xABFF), (0xAC00, 0xD7A3), (0xE000, 0xFAFF), (0xFB00, 0xFFFF),
              (0x10000, 0x11FFF), (0x16800, 0x18AFF), (0x1D000, 0x1D7FF), (0x1F000, 0x1FAFF), (0x20000, 0x2FA1F), (0xE0000, 0xE01FF)]
    words = [w for t in PLAIN for w in t.split()]
    for _ in range(150):
        low, high = rng.choice(ranges)
        out.append("".join(assigned(rng, low, high) for _ in range(rng.randint(1, 24))).encode("utf-8", "replace"))
    for _ in range(150):
        parts = []
        for _ in range(rng.randint(1, 12)):
            low, high = rng.choice(ranges)
            parts.append(rng.choice([rng.choice(words), assigned(rng, low, high), " ", "  ", "\n", "'s", " ."]))
        out.append("".join(parts).encode("utf-8", "replace"))
    for _ in range(60):
        out.append(bytes(rng.randrange(256) for _ in range(rng.randint(1, 16))))
    return out
