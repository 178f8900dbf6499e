// SentencePiece's model file (sentencepiece_model.proto), read and written as tokenizer.json.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/protobuf.h"
#include "text/base64.h"
#include "text/conversions.h"
#include "text/string_table.h"
#include "text/templates.h"
#include "text/unicode.h"

namespace luthier::text {

namespace {

constexpr const char* space_mark = "\xE2\x96\x81";  // U+2581

constexpr std::size_t longest_piece_bytes = 4096;

struct SentencePiece {
  enum Kind { normal = 1, unknown = 2, control = 3, user_defined = 4, unused = 5, byte = 6 };
  std::string text;
  float score = 0;
  std::uint64_t kind = normal;
};

struct ModelFile {
  std::vector<SentencePiece> pieces;
  enum { unigram = 1, bpe = 2 };
  std::uint64_t model_type = unigram;
  bool byte_fallback = false, dummy_prefix = true, removes_extra_spaces = true;
  std::int64_t unknown_id = 0, bos_id = 1, eos_id = 2;
  std::string unknown_piece = "<unk>", charsmap;
};

[[noreturn]] void bad(const std::string& message, const std::string& where) {
  fail(ErrorKind::bad_input, message, where, "download the tokenizer again");
}

ModelFile read_model_file(std::string_view bytes, const std::string& where) {
  ModelFile file;
  ProtobufReader reader(bytes);
  bool broken = false;
  const auto each = [&](std::string_view message, auto take) {
    ProtobufReader inner(message);
    while (const auto field = inner.next()) take(*field);
    broken = broken || inner.broken();
  };
  while (const auto part = reader.next()) {
    if (part->number == 1) {
      SentencePiece& piece = file.pieces.emplace_back();
      each(part->bytes, [&](const ProtobufReader::Field& field) {
        if (field.number == 1) piece.text = field.bytes;
        if (field.number == 2) piece.score = field.number32();
        if (field.number == 3) piece.kind = field.whole;
      });
      if (piece.text.size() > longest_piece_bytes || !valid_utf8(piece.text))
        bad("piece " + std::to_string(file.pieces.size() - 1) + " is not UTF-8, or too long", where);
    } else if (part->number == 2) {
      each(part->bytes, [&](const ProtobufReader::Field& field) {
        const auto id = static_cast<std::int64_t>(static_cast<std::int32_t>(field.whole));
        if (field.number == 3) file.model_type = field.whole;
        if (field.number == 35) file.byte_fallback = field.whole != 0;
        if (field.number == 40) file.unknown_id = id;
        if (field.number == 41) file.bos_id = id;
        if (field.number == 42) file.eos_id = id;
        if (field.number == 45) file.unknown_piece = field.bytes;
      });
    } else if (part->number == 3) {
      each(part->bytes, [&](const ProtobufReader::Field& field) {
        if (field.number == 2) file.charsmap = field.bytes;
        if (field.number == 3) file.dummy_prefix = field.whole != 0;
        if (field.number == 4) file.removes_extra_spaces = field.whole != 0;
      });
    }
  }
  if (reader.broken() || broken || file.pieces.empty())
    bad("this is not a SentencePiece model, or it is cut off", where);
  const auto count = static_cast<std::int64_t>(file.pieces.size());
  if (file.unknown_id < 0 || file.unknown_id >= count || file.bos_id >= count || file.eos_id >= count)
    bad("the model names a special piece that it does not have", where);
  return file;
}

/// Every way to make a piece of two others; of pieces the best score first, of one piece's ways that of the lowest ids.
Json merges_of(const ModelFile& file, const StringTable& ids) {
  struct Merge {
    float score;
    std::uint32_t left, right;
  };
  std::vector<Merge> merges;
  for (const SentencePiece& piece : file.pieces) {
    const std::string_view text = piece.text;
    const std::size_t before = merges.size();
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
      if (is_continuation(text[cut])) continue;
      const auto* left = ids.find(text.substr(0, cut));
      const auto* right = left ? ids.find(text.substr(cut)) : nullptr;
      if (right) merges.push_back({piece.score, *left, *right});
    }
    std::sort(merges.begin() + static_cast<std::ptrdiff_t>(before), merges.end(),
              [](const Merge& a, const Merge& b) { return std::pair(a.left, a.right) < std::pair(b.left, b.right); });
  }
  std::stable_sort(merges.begin(), merges.end(), [](const Merge& a, const Merge& b) { return a.score > b.score; });
  Json result = Json::array();
  for (const Merge& merge : merges)
    result.push_back(Json::array({file.pieces[merge.left].text, file.pieces[merge.right].text}));
  return result;
}

OrderedJson plain_replace(const char* what, const char* by) {
  return {{"type", "Replace"}, {"pattern", {{"String", what}}}, {"content", by}};
}

OrderedJson sequence(const char* key, OrderedJson list) { return {{"type", "Sequence"}, {key, std::move(list)}}; }

/// Llama's: the text with a space put before it is one piece; a byte for what is unknown.
std::string bpe_json(const ModelFile& file, OrderedJson head, const Beside& beside) {
  StringTable ids(file.pieces.size());
  Json vocabulary = Json::object();
  for (std::size_t id = 0; id < file.pieces.size(); ++id) {
    if (!ids.insert(file.pieces[id].text, static_cast<std::uint32_t>(id)))
      bad("the piece \"" + file.pieces[id].text.substr(0, 80) + "\" stands there twice", beside.where);
    vocabulary[file.pieces[id].text] = id;
  }
  const bool prefix = file.dummy_prefix && beside.flag("add_prefix_space", true);
  OrderedJson decoders = OrderedJson::array({plain_replace(space_mark, " ")});
  decoders.push_back({{"type", "ByteFallback"}});
  decoders.push_back({{"type", "Fuse"}});
  if (prefix) decoders.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
  if (beside.flag("legacy", true)) {
    OrderedJson normalizers = OrderedJson::array();
    if (prefix) normalizers.push_back({{"type", "Prepend"}, {"prepend", space_mark}});
    normalizers.push_back(plain_replace(" ", space_mark));
    head["normalizer"] = sequence("normalizers", normalizers);
    head["pre_tokenizer"] = nullptr;
  } else {
    // Only the very start of the text gets the space, not each stretch after a special token.
    head["pre_tokenizer"] = {{"type", "Metaspace"},
                             {"replacement", space_mark},
                             {"prepend_scheme", prefix ? "first" : "never"},
                             {"split", false}};
  }
  const auto framed = [&](const char* flag, const char* key, std::int64_t id, bool otherwise) {
    if (id < 0 || !beside.flag(flag, otherwise)) return std::string();
    return beside.token(key, file.pieces[static_cast<std::size_t>(id)].text);
  };
  const std::string start = framed("add_bos_token", "bos_token", file.bos_id, true);
  const std::string end = framed("add_eos_token", "eos_token", file.eos_id, false);
  const auto id = [&](const std::string& token, std::int64_t otherwise) {
    const auto* found = ids.find(token);
    return found ? std::int64_t{*found} : otherwise;
  };
  head["post_processor"] = framing(start, id(start, file.bos_id), end, id(end, file.eos_id), true);
  head["decoder"] = sequence("decoders", decoders);
  Json model{
      {"type", "BPE"}, {"unk_token", file.unknown_piece}, {"fuse_unk", true}, {"byte_fallback", file.byte_fallback}};
  model["merges"] = merges_of(file, ids);
  model["vocab"] = std::move(vocabulary);
  return with_model(std::move(head), std::move(model));
}

/// T5's, and what is nearest to SentencePiece itself for others.
std::string unigram_json(const ModelFile& file, OrderedJson head, bool like_t5, Json vocabulary, const Beside& beside) {
  OrderedJson normalizers = OrderedJson::array();
  if (!file.charsmap.empty())
    normalizers.push_back({{"type", "Precompiled"}, {"precompiled_charsmap", to_base64(file.charsmap)}});
  const OrderedJson marks{{"type", "Metaspace"},
                          {"replacement", space_mark},
                          {"prepend_scheme", like_t5 || file.dummy_prefix ? "always" : "never"},
                          {"split", true}};
  if (like_t5) {
    head["pre_tokenizer"] = sequence("pretokenizers", OrderedJson::array({{{"type", "WhitespaceSplit"}}, marks}));
    const std::string end = beside.token("eos_token", "</s>");
    if (file.eos_id < 0) bad("the model has no piece that ends a text", beside.where);
    head["post_processor"] = framing("", 0, end, file.eos_id, false);
  } else {
    if (file.removes_extra_spaces) {
      normalizers.push_back({{"type", "Strip"}, {"strip_left", false}, {"strip_right", true}});
      normalizers.push_back({{"type", "Replace"}, {"pattern", {{"Regex", " {2,}"}}}, {"content", space_mark}});
    }
    head["pre_tokenizer"] = marks;
    const auto framed = [&](const char* flag, std::int64_t id) {
      return id >= 0 && beside.flag(flag, false) ? file.pieces[static_cast<std::size_t>(id)].text : std::string();
    };
    head["post_processor"] = framing(framed("add_bos_token", file.bos_id), file.bos_id,
                                     framed("add_eos_token", file.eos_id), file.eos_id, true);
  }
  if (!normalizers.empty()) head["normalizer"] = sequence("normalizers", normalizers);
  head["decoder"] = marks;
  Json model{{"type", "Unigram"}, {"unk_id", file.unknown_id}, {"byte_fallback", file.byte_fallback}};
  model["vocab"] = std::move(vocabulary);
  return with_model(std::move(head), std::move(model));
}

std::int64_t extra_ids_of(const Beside& beside) {
  if (!beside.config.is_object()) return 100;
  const auto found = beside.config.find("extra_ids");
  if (found == beside.config.end() || !found->is_number_integer()) return 100;
  const auto count = found->get<std::int64_t>();
  if (count < 0 || count > 100000) bad("extra_ids is outside 0 to 100000", beside.where);
  return count;
}

}  // namespace

std::string sentencepiece_tokenizer_json(std::string_view bytes, const Beside& beside) {
  const ModelFile file = read_model_file(bytes, beside.where);
  const std::string owner = beside.tokenizer_class();
  // These number their pieces in their own way, which the file does not tell.
  for (const char* other :
       {"XLMRobertaTokenizer", "CamembertTokenizer", "MBartTokenizer", "MBart50Tokenizer", "NllbTokenizer",
        "PegasusTokenizer", "BarthezTokenizer", "XGLMTokenizer", "MarianTokenizer"})
    if (owner == other)
      fail(ErrorKind::unsupported,
           "the SentencePiece file of a " + owner + " is not supported without a tokenizer.json", beside.where,
           "save the tokenizer with transformers, which writes tokenizer.json");
  const bool bpe = file.model_type == ModelFile::bpe;
  if (!bpe && file.model_type != ModelFile::unigram)
    fail(ErrorKind::unsupported, "SentencePiece models of words or characters are not supported", beside.where,
         "use a unigram or BPE model");
  const bool like_t5 = !bpe && (owner.empty() ? file.bos_id < 0 : owner == "T5Tokenizer");
  OrderedJson own = OrderedJson::array();
  Json scored = Json::array();
  StringTable ids(file.pieces.size());
  for (const SentencePiece& piece : file.pieces) {
    const auto id = static_cast<std::int64_t>(scored.size());
    scored.push_back(Json::array({piece.text, piece.score}));
    ids.insert(piece.text, static_cast<std::uint32_t>(id));
    const bool special = piece.kind == SentencePiece::control || piece.kind == SentencePiece::unknown;
    if ((special || piece.kind == SentencePiece::user_defined) && !piece.text.empty())
      own.push_back(added_entry(id, piece.text, special));
  }
  if (like_t5)
    for (std::int64_t i = extra_ids_of(beside) - 1; i >= 0; --i) {
      const std::string name = "<extra_id_" + std::to_string(i) + ">";
      const auto id = static_cast<std::int64_t>(scored.size());
      if (!ids.insert(name, static_cast<std::uint32_t>(id))) continue;
      own.push_back(added_entry(id, name, true));
      scored.push_back(Json::array({name, 0.0}));
    }
  OrderedJson head;
  head["version"] = "1.0";
  head["truncation"] = nullptr;
  head["padding"] = nullptr;
  const auto id_of = [&](const std::string& token) -> std::optional<std::int64_t> {
    const auto* found = ids.find(token);
    return found ? std::optional<std::int64_t>(*found) : std::nullopt;
  };
  head["added_tokens"] = declared_tokens(std::move(own), id_of, static_cast<std::int64_t>(scored.size()), beside);
  head["normalizer"] = nullptr;
  return bpe ? bpe_json(file, std::move(head), beside)
             : unigram_json(file, std::move(head), like_t5, std::move(scored), beside);
}

}  // namespace luthier::text
