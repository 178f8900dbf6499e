// Texts as token ids, as tokenizer.json says: added tokens, normalizer, pre-tokenizer, model, post-processor. It knows
// the components of BERT-like and byte-level tokenizers and says which one it does not know.

const WHITE = "\\p{White_Space}";
const GPT2_PARTS = new RegExp(
  `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${WHITE}\\p{L}\\p{N}]+|${WHITE}+(?![^${WHITE}])|${WHITE}+`, "gu");
const WORD = "[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]";
const IS_WHITE = new RegExp(`^${WHITE}$`, "u");
const IS_PUNCTUATION = /^(?:\p{P}|[$+<=>^`|~])$/u;
const IS_CONTROL = /^(?:\p{Cc}|\p{Cf}|\p{Co})$/u;

function unknown(kind, type) {
  throw new Error(`this tokenizer's ${kind} "${type}" is not known here`);
}

/** One character after the other: the whole text at once would treat a sigma at the end of a word in its own way. */
function lower(text) {
  let result = "";
  for (const character of text) result += character.toLowerCase();
  return result;
}

function isIdeograph(character) {
  const c = character.codePointAt(0);
  // The sixth block starts where the tokenizers library lets it start.
  return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x20000 && c <= 0x2a6df) ||
    (c >= 0x2a700 && c <= 0x2b73f) || (c >= 0x2b740 && c <= 0x2b81f) || (c >= 0x2b920 && c <= 0x2ceaf) ||
    (c >= 0xf900 && c <= 0xfaff) || (c >= 0x2f800 && c <= 0x2fa1f);
}

// ---- normalizers: text -> text ----

function bertNormalizer(settings) {
  const cleans = settings.clean_text ?? true, spaces = settings.handle_chinese_chars ?? true;
  const lowers = settings.lowercase ?? true, strips = settings.strip_accents ?? lowers;
  return (text) => {
    let result = "";
    for (let character of text) {
      if (cleans) {
        const stays = character === "\t" || character === "\n" || character === "\r";
        if (character === "\0" || character === "\ufffd" || (!stays && IS_CONTROL.test(character))) continue;
        if (IS_WHITE.test(character)) character = " ";
      }
      result += spaces && isIdeograph(character) ? ` ${character} ` : character;
    }
    if (strips) result = result.normalize("NFD").replace(/\p{Mn}/gu, "");
    return lowers ? lower(result) : result;
  };
}

function normalizerOf(settings) {
  if (!settings) return (text) => text;
  switch (settings.type) {
    case "Sequence": {
      const parts = settings.normalizers.map(normalizerOf);
      return (text) => parts.reduce((result, part) => part(result), text);
    }
    case "BertNormalizer": return bertNormalizer(settings);
    case "Lowercase": return lower;
    case "NFC": case "NFD": case "NFKC": case "NFKD": return (text) => text.normalize(settings.type);
    case "StripAccents": return (text) => text.replace(/\p{M}/gu, "");
    default: return unknown("normalizer", settings.type);
  }
}

// ---- pre-tokenizers: pieces -> pieces ----

/** White space goes, each punctuation character stands alone. */
function bertPieces(text) {
  const pieces = [];
  let word = "";
  const end = () => {
    if (word) pieces.push(word);
    word = "";
  };
  for (const character of text) {
    const white = IS_WHITE.test(character);
    if (!white && !IS_PUNCTUATION.test(character)) {
      word += character;
      continue;
    }
    end();
    if (!white) pieces.push(character);
  }
  end();
  return pieces;
}

/** The printable character that stands for each byte in the vocabularies of byte-level tokenizers. */
function byteCharacters() {
  const characters = [];
  let next = 256;
  for (let byte = 0; byte < 256; ++byte) {
    const printable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    characters.push(String.fromCodePoint(printable ? byte : next++));
  }
  return characters;
}

function byteLevel(settings) {
  const characters = byteCharacters(), encoder = new TextEncoder();
  return (text) => {
    if ((settings.add_prefix_space ?? true) && !text.startsWith(" ")) text = ` ${text}`;
    const parts = settings.use_regex ?? true ? text.match(GPT2_PARTS) ?? [] : [text];
    return parts.map((part) => Array.from(encoder.encode(part), (byte) => characters[byte]).join(""));
  };
}

function preTokenizerOf(settings) {
  if (!settings) return (text) => [text];
  const words = new RegExp(`${WORD}+|[^${WORD.slice(1, -1)}${WHITE}]+`, "gu");
  const unspaced = new RegExp(`[^${WHITE}]+`, "gu");
  switch (settings.type) {
    case "Sequence": {
      const parts = settings.pretokenizers.map(preTokenizerOf);
      return (text) => parts.reduce((pieces, part) => pieces.flatMap(part), [text]);
    }
    case "BertPreTokenizer": return bertPieces;
    case "ByteLevel": return byteLevel(settings);
    case "Whitespace": return (text) => text.match(words) ?? [];
    case "WhitespaceSplit": return (text) => text.match(unspaced) ?? [];
    default: return unknown("pre-tokenizer", settings.type);
  }
}

// ---- models: piece -> ids ----

function wordPiece(settings) {
  const vocabulary = new Map(Object.entries(settings.vocab));
  const prefix = settings.continuing_subword_prefix ?? "##", longest = settings.max_input_chars_per_word ?? 100;
  const unknownId = vocabulary.get(settings.unk_token ?? "[UNK]");
  return (piece) => {
    const characters = Array.from(piece), ids = [];
    if (characters.length > longest) return [unknownId];
    for (let start = 0; start < characters.length;) {
      let end = characters.length, id;
      for (; end > start && id === undefined; --end)
        id = vocabulary.get((start > 0 ? prefix : "") + characters.slice(start, end).join(""));
      if (id === undefined) return [unknownId];
      ids.push(id);
      start = end + 1;
    }
    return ids;
  };
}

/** The symbols of a piece before any merge; what the vocabulary does not have is the unknown token, or nothing. */
function firstSymbols(piece, settings, has) {
  const prefix = settings.continuing_subword_prefix ?? "", suffix = settings.end_of_word_suffix ?? "";
  const characters = Array.from(piece), symbols = [];
  let waiting = false;
  characters.forEach((character, i) => {
    const name = (i > 0 ? prefix : "") + character + (i + 1 === characters.length ? suffix : "");
    const known = has(name);
    if (!known && settings.unk_token == null) return;
    if (known) symbols.push(name);
    else if (!waiting || !settings.fuse_unk) symbols.push(settings.unk_token);
    waiting = !known;
  });
  return symbols;
}

/** The pair with the lowest rank is merged first, the leftmost of equals first. */
function bytePairs(settings) {
  const vocabulary = new Map(Object.entries(settings.vocab)), prefix = settings.continuing_subword_prefix ?? "";
  const ranks = new Map();
  for (const merge of settings.merges) {
    if (typeof merge === "string" && merge.startsWith("#version")) continue;
    const [left, right] = typeof merge === "string" ? merge.split(" ") : merge;
    ranks.set(`${left}\n${right}`, [ranks.size, left + right.slice(prefix.length)]);
  }
  return (piece) => {
    if (settings.ignore_merges && vocabulary.has(piece)) return [vocabulary.get(piece)];
    const symbols = firstSymbols(piece, settings, (name) => vocabulary.has(name));
    for (;;) {
      let best = null, place = -1;
      for (let i = 0; i + 1 < symbols.length; ++i) {
        const found = ranks.get(`${symbols[i]}\n${symbols[i + 1]}`);
        if (found && (!best || found[0] < best[0])) [best, place] = [found, i];
      }
      if (!best) break;
      symbols.splice(place, 2, best[1]);
    }
    return symbols.map((symbol) => vocabulary.get(symbol));
  };
}

function wordLevel(settings) {
  const vocabulary = new Map(Object.entries(settings.vocab)), unknownId = vocabulary.get(settings.unk_token ?? "<unk>");
  return (piece) => {
    const id = vocabulary.get(piece) ?? unknownId;
    return id === undefined ? [] : [id];
  };
}

/** Files of older versions leave the type out; what else is there tells. */
function modelType(settings) {
  if (settings.type) return settings.type;
  if (settings.merges) return "BPE";
  if ("continuing_subword_prefix" in settings || "max_input_chars_per_word" in settings) return "WordPiece";
  return Array.isArray(settings.vocab) ? "Unigram" : "WordLevel";
}

function modelOf(settings) {
  const type = modelType(settings);
  if (type === "BPE" && settings.byte_fallback) unknown("model", "BPE with byte_fallback");
  const tokenize = { WordPiece: wordPiece, BPE: bytePairs, WordLevel: wordLevel }[type]?.(settings);
  if (!tokenize) unknown("model", type);
  const seen = new Map();
  return (piece) => {
    if (!seen.has(piece)) {
      if (seen.size > 20000) seen.clear();
      seen.set(piece, tokenize(piece));
    }
    return seen.get(piece);
  };
}

// ---- post-processors: the layout of one text and of two ----

const text = (index, type) => ({ text: index, type });
const special = (id, type) => ({ id, type });

function layoutOfTemplate(settings, items) {
  return items.flatMap((item) => {
    if (item.Sequence) return [text(item.Sequence.id === "A" ? 0 : 1, item.Sequence.type_id ?? 0)];
    const { id, type_id: type } = item.SpecialToken;
    return settings.special_tokens[id].ids.map((one) => special(one, type ?? 0));
  });
}

/** { single, pair }: lists of texts and special tokens. */
function layoutsOf(settings) {
  const plain = { single: [text(0, 0)], pair: [text(0, 0), text(1, 1)] };
  if (!settings) return plain;
  switch (settings.type) {
    case "ByteLevel": return plain;
    case "Sequence": {
      const framing = settings.processors.filter((one) => one.type !== "ByteLevel");
      if (framing.length > 1) unknown("post-processor", "Sequence of several that add tokens");
      return layoutsOf(framing[0]);
    }
    case "TemplateProcessing":
      return { single: layoutOfTemplate(settings, settings.single), pair: layoutOfTemplate(settings, settings.pair) };
    case "BertProcessing": {
      const start = settings.cls[1], end = settings.sep[1];
      const single = [special(start, 0), text(0, 0), special(end, 0)];
      return { single, pair: [...single, text(1, 1), special(end, 1)] };
    }
    case "RobertaProcessing": {
      const start = settings.cls[1], end = settings.sep[1];
      const single = [special(start, 0), text(0, 0), special(end, 0)];
      return { single, pair: [...single, special(end, 0), text(1, 0), special(end, 0)] };
    }
    default: return unknown("post-processor", settings.type);
  }
}

// ---- added tokens ----

/** Finds added tokens in a text: a list of { id } and { text }. */
class AddedTokens {
  constructor(tokens, contentOf) {
    this.byContent = new Map();
    for (const token of tokens) {
      const content = contentOf(token.content);
      if (content && !this.byContent.has(content)) this.byContent.set(content, token);
    }
    // The longest of those that start at one place is meant.
    const contents = [...this.byContent.keys()].sort((a, b) => b.length - a.length);
    const escaped = contents.map((one) => one.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
    this.pattern = contents.length ? new RegExp(escaped.map((one) => `(?:${one})`).join("|"), "gu") : null;
  }

  cut(input) {
    const parts = [];
    let kept = 0;
    const touches = (piece, pattern) => new RegExp(pattern, "u").test(piece);
    for (const match of this.pattern ? input.matchAll(this.pattern) : []) {
      const token = this.byContent.get(match[0]);
      let begin = match.index, end = begin + match[0].length;
      if (token.single_word && (touches(input.slice(0, begin), `${WORD}$`) || touches(input.slice(end), `^${WORD}`)))
        continue;
      if (token.lstrip) begin = Math.max(kept, input.slice(0, begin).replace(new RegExp(`${WHITE}+$`, "u"), "").length);
      if (token.rstrip) end = input.length - input.slice(end).replace(new RegExp(`^${WHITE}+`, "u"), "").length;
      if (kept < begin) parts.push({ text: input.slice(kept, begin) });
      parts.push({ id: token.id });
      kept = end;
    }
    if (kept < input.length) parts.push({ text: input.slice(kept) });
    return parts;
  }
}

/** How many tokens of two texts stay: the longer one gives way first. */
function shares(first, second, most) {
  let low = Math.min(first, second), high = low > most ? low : Math.max(low, most - low);
  if (low + high > most) {
    low = Math.floor(most / 2);
    high = low + (most % 2);
  }
  return first > second ? [high, low] : [low, high];
}

export class Tokenizer {
  /** `file`: tokenizer.json, parsed. */
  constructor(file) {
    const added = file.added_tokens ?? [];
    this.normalize = normalizerOf(file.normalizer);
    this.preTokenize = preTokenizerOf(file.pre_tokenizer);
    this.tokenize = modelOf(file.model);
    this.layouts = layoutsOf(file.post_processor);
    this.plain = new AddedTokens(added.filter((token) => token.normalized === false), (content) => content);
    this.normal = new AddedTokens(added.filter((token) => token.normalized !== false), this.normalize);
  }

  /** The text cut into pieces: { id } of added tokens, { text } of everything else. */
  piecesOf(input) {
    const parts = this.plain.cut(input.toWellFormed?.() ?? input);
    const normal = parts.flatMap((part) =>
      part.id !== undefined ? [part] : this.normal.cut(this.normalize(part.text)));
    return normal.flatMap((part) =>
      part.id !== undefined ? [part] : this.preTokenize(part.text).map((piece) => ({ text: piece })));
  }

  /** { ids, stopped } of one text without special tokens around it; work stops at the piece that reaches `most`. */
  idsOf(input, most) {
    const ids = [], pieces = this.piecesOf(input);
    for (const [i, piece] of pieces.entries()) {
      ids.push(...(piece.id !== undefined ? [piece.id] : this.tokenize(piece.text)));
      if (piece.id === undefined && ids.length >= most) return { ids, stopped: i + 1 < pieces.length };
    }
    return { ids, stopped: false };
  }

  /** { ids, types, truncated } of a text, or of a text and its pair, with at most `most` tokens. */
  encode(input, pair = "", most = Infinity) {
    const read = (pair ? [input, pair] : [input]).map((one) => this.idsOf(one, most));
    const texts = read.map((one) => one.ids);
    const layout = pair ? this.layouts.pair : this.layouts.single;
    const room = Math.max(0, most - layout.filter((item) => item.id !== undefined).length);
    const isLong = texts.reduce((sum, ids) => sum + ids.length, 0) > room;
    if (isLong) {
      const kept = pair ? shares(texts[0].length, texts[1].length, room) : [room];
      texts.forEach((ids, i) => ids.splice(kept[i]));
    }
    const ids = [], types = [];
    for (const item of layout)
      for (const id of item.id !== undefined ? [item.id] : texts[item.text]) {
        ids.push(id);
        types.push(item.type);
      }
    return { ids, types, truncated: isLong || read.some((one) => one.stopped) };
  }
}
