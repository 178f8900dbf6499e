#include "text/post_processors.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "text/unicode.h"

namespace luthier::text {

namespace {

template <class T>
void append_all(std::vector<T>& to, std::vector<T>& from) {
  if (to.empty())
    to.swap(from);
  else
    to.insert(to.end(), from.begin(), from.end());
}

template <class T>
void keep(std::vector<T>& values, std::size_t count, bool from_left) {
  if (values.size() <= count) return;
  if (from_left) values.erase(values.begin(), values.end() - static_cast<std::ptrdiff_t>(count));
  values.resize(count);
}

/// Moves the offsets past the spaces that a token carries.
void trim_offsets(Part& part, bool prefix_space) {
  for (std::size_t i = 0; i < part.edges.size(); ++i) {
    auto& [begin, end] = part.tokens.offsets[i];
    std::int64_t leading = part.edges[i].leading;
    const std::int64_t trailing = part.edges[i].trailing;
    // A single space at the start is the one that the pre-tokenizer put there.
    if ((i == 0 || begin == 0) && prefix_space && leading == 1) leading = 0;
    begin = std::min(begin + leading, end);
    if (trailing > 0 && end >= trailing) end = std::max(end - trailing, begin);
  }
}

class ByteLevelPostProcessor : public PostProcessor {
 public:
  explicit ByteLevelPostProcessor(const Place& place)
      : prefix_(place.flag("add_prefix_space", true)), trim_(place.flag("trim_offsets", true)) {}
  std::int64_t added(bool) const override { return 0; }
  bool trims() const override { return trim_; }
  void apply(std::vector<Part>& parts, bool) const override {
    if (!trim_) return;
    for (Part& part : parts) trim_offsets(part, prefix_);
  }

 private:
  bool prefix_, trim_;
};

/// BERT's [CLS] A [SEP] B [SEP] and RoBERTa's <s> A </s> </s> B </s>.
class ClassifierFramePostProcessor : public PostProcessor {
 public:
  ClassifierFramePostProcessor(const Place& place, std::int64_t bound, bool roberta)
      : start_(token(place.at("cls"), bound)), separator_(token(place.at("sep"), bound)), roberta_(roberta) {
    if (!roberta) return;
    trim_ = place.flag("trim_offsets", true);
    prefix_ = place.flag("add_prefix_space", true);
  }
  std::int64_t added(bool pair) const override { return !pair ? 2 : roberta_ ? 4 : 3; }
  bool trims() const override { return trim_; }

  void apply(std::vector<Part>& parts, bool add_special_tokens) const override {
    if (roberta_)
      for (Part& part : parts) {
        if (trim_) trim_offsets(part, prefix_);
        std::fill(part.tokens.type_ids.begin(), part.tokens.type_ids.end(), 0);
      }
    if (!add_special_tokens) return;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      Part framed;
      if (i == 0 || roberta_) framed.add_special(i == 0 ? start_ : separator_, 0);
      framed.append(std::move(parts[i]));
      framed.add_special(separator_, i > 0 && !roberta_);
      parts[i] = std::move(framed);
    }
  }

 private:
  static std::int64_t token(const Place& place, std::int64_t bound) {
    const auto items = place.items();
    if (items.size() != 2) place.bad("expected [token, id]");
    items[0].text();
    return items[1].whole(0, bound - 1);
  }

  std::int64_t start_, separator_;
  bool roberta_, trim_ = false, prefix_ = true;
};

class TemplatePostProcessor : public PostProcessor {
 public:
  TemplatePostProcessor(const Place& place, std::int64_t bound) {
    std::map<std::string, std::vector<std::int64_t>> specials;
    const Place tokens = place.at("special_tokens");
    if (!tokens.json().is_object()) tokens.bad("expected an object");
    for (const auto& [name, ignored] : tokens.json().items())
      for (const Place& id : tokens.at(name).at("ids").items()) specials[name].push_back(id.whole(0, bound - 1));
    single_ = read(place.at("single"), specials, 1);
    pair_ = read(place.at("pair"), specials, 2);
  }

  std::int64_t added(bool pair) const override {
    std::int64_t count = 0;
    for (const Item& item : pair ? pair_ : single_) count += static_cast<std::int64_t>(item.ids.size());
    return count;
  }

  void apply(std::vector<Part>& parts, bool add_special_tokens) const override {
    std::vector<Part> result;
    for (const Item& item : parts.size() > 1 ? pair_ : single_) {
      if (item.sequence >= 0) {
        Part& part = result.emplace_back(parts[static_cast<std::size_t>(item.sequence)]);
        std::fill(part.tokens.type_ids.begin(), part.tokens.type_ids.end(), item.type_id);
      } else if (add_special_tokens) {
        Part& part = result.emplace_back();
        for (const std::int64_t id : item.ids) part.add_special(id, item.type_id);
      }
    }
    parts = std::move(result);
  }

 private:
  struct Item {
    int sequence = -1;  // 0 or 1: a text
    std::vector<std::int64_t> ids;
    std::int64_t type_id = 0;
  };

  static std::vector<Item> read(const Place& place, const std::map<std::string, std::vector<std::int64_t>>& specials,
                                int sequences) {
    std::vector<Item> result;
    for (const Place& entry : place.items()) {
      Item item;
      if (entry.has("Sequence")) {
        const Place sequence = entry.at("Sequence");
        const std::string id = sequence.at("id").text();
        item.sequence = id == "A" ? 0 : id == "B" ? 1 : 2;
        if (item.sequence >= sequences) sequence.at("id").bad("there is no such text here");
        item.type_id = sequence.whole("type_id", 0, 0, 1 << 16);
      } else {
        const Place special = entry.at("SpecialToken");
        const auto found = specials.find(special.at("id").text());
        if (found == specials.end()) special.at("id").bad("the token is missing in special_tokens");
        item.ids = found->second;
        item.type_id = special.whole("type_id", 0, 0, 1 << 16);
      }
      result.push_back(std::move(item));
    }
    return result;
  }

  std::vector<Item> single_, pair_;
};

class SequencePostProcessor : public PostProcessor {
 public:
  SequencePostProcessor(const Place& place, std::int64_t bound) {
    bool framed = false;
    for (const Place& item : place.at("processors").items()) {
      if (framed && item.type() != "ByteLevel")
        fail(ErrorKind::unsupported, "a post-processor after one that adds tokens is not supported", item.where(),
             "use a model with another tokenizer");
      parts_.push_back(read_post_processor(item, bound));
      framed = framed || item.type() != "ByteLevel";
    }
  }
  std::int64_t added(bool pair) const override {
    std::int64_t count = 0;
    for (const auto& part : parts_) count += part->added(pair);
    return count;
  }
  bool trims() const override {
    return std::any_of(parts_.begin(), parts_.end(), [](const auto& part) { return part->trims(); });
  }
  void apply(std::vector<Part>& parts, bool add_special_tokens) const override {
    for (const auto& part : parts_) part->apply(parts, add_special_tokens);
  }

 private:
  std::vector<std::unique_ptr<PostProcessor>> parts_;
};

}  // namespace

Edges edges_of(std::string_view token) {
  const auto is_space = [](char32_t c) { return c == 0x120 || is_white_space(c); };
  Edges edges;
  bool leading = true;
  for (const char *at = token.data(), *end = at + token.size(); at < end;) {
    if (is_space(next_code_point(at))) {
      ++edges.trailing;
      if (leading) ++edges.leading;
    } else {
      leading = false;
      edges.trailing = 0;
    }
  }
  return edges;
}

void Part::append(Part&& other) {
  append_all(tokens.ids, other.tokens.ids);
  append_all(tokens.offsets, other.tokens.offsets);
  append_all(tokens.type_ids, other.tokens.type_ids);
  append_all(tokens.special, other.tokens.special);
  append_all(tokens.words, other.tokens.words);
  append_all(edges, other.edges);
  tokens.truncated = tokens.truncated || other.tokens.truncated;
}

void Part::add_special(std::int64_t id, std::int64_t type_id) {
  tokens.ids.push_back(id);
  tokens.offsets.emplace_back(0, 0);
  tokens.type_ids.push_back(type_id);
  tokens.special.push_back(1);
  tokens.words.push_back(-1);
  edges.emplace_back();
}

void Part::cut(std::size_t count, bool from_left) {
  if (size() <= count) return;
  tokens.truncated = true;
  keep(tokens.ids, count, from_left);
  keep(tokens.offsets, count, from_left);
  keep(tokens.type_ids, count, from_left);
  keep(tokens.special, count, from_left);
  keep(tokens.words, count, from_left);
  keep(edges, count, from_left);
}

std::unique_ptr<PostProcessor> read_post_processor(const Place& place, std::int64_t bound) {
  const std::string type = place.type();
  if (type == "TemplateProcessing") return std::make_unique<TemplatePostProcessor>(place, bound);
  if (type == "BertProcessing") return std::make_unique<ClassifierFramePostProcessor>(place, bound, false);
  if (type == "RobertaProcessing") return std::make_unique<ClassifierFramePostProcessor>(place, bound, true);
  if (type == "ByteLevel") return std::make_unique<ByteLevelPostProcessor>(place);
  if (type == "Sequence") return std::make_unique<SequencePostProcessor>(place, bound);
  place.unknown_type("post-processor");
}

}  // namespace luthier::text
