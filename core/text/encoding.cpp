// From text to tokens.
#include <algorithm>
#include <cstdint>

#include "text/tokenizer_state.h"

namespace luthier {

using text::AlignedText;
using text::Part;
using text::Pieces;

namespace {

constexpr std::size_t longest_text_bytes = std::size_t{1} << 30;

/// The text itself, or its repaired copy in `store`.
std::string_view usable(std::string_view input, std::string& store) {
  if (input.size() > longest_text_bytes)
    fail(ErrorKind::bad_input, "a text is longer than 1 GiB", "", "split it into documents");
  if (text::valid_utf8(input)) return input;
  store = text::repaired_utf8(input);
  return store;
}

}  // namespace

/// Added tokens are looked for in the text as it came, then in each normalised part of what is left.
void Tokenizer::State::split_added(Pieces& out, std::string_view input) const {
  AlignedText whole(input);
  std::vector<text::AddedTokens::Cut> cuts, inner;
  added.cut(whole.text, false, cuts);
  for (const auto& cut : cuts) {
    if (cut.id >= 0) {
      const std::size_t begin = out.aligned.text.size();
      out.aligned.append(whole, cut.begin, cut.end);
      out.add(begin, out.aligned.text.size(), cut.id);
      continue;
    }
    AlignedText part;
    if (cuts.size() == 1)
      part = std::move(whole);
    else
      part.append(whole, cut.begin, cut.end);
    if (normalizer) normalizer->apply(part);
    added.cut(part.text, true, inner);
    const std::size_t begin = out.aligned.text.size();
    for (const auto& found : inner) out.add(begin + found.begin, begin + found.end, found.id);
    if (cuts.size() == 1)
      out.aligned = std::move(part);
    else
      out.aligned.append(part, 0, part.text.size());
  }
}

Pieces Tokenizer::State::pieces(std::string_view input) const {
  Pieces result;
  split_added(result, input);
  if (pre_tokenizer) pre_tokenizer->apply(result);
  return result;
}

bool Tokenizer::State::drop_start(Pieces& cut, std::size_t most, text::WordCache::Use& words) const {
  std::size_t count = 0, first = cut.list.size();
  while (first > 0) {
    const text::Piece& piece = cut.list[--first];
    count += piece.token >= 0 ? 1 : words.tokenize(cut.view(piece)).second;
    if (piece.token < 0 && count >= most) break;
  }
  cut.list.erase(cut.list.begin(), cut.list.begin() + static_cast<std::ptrdiff_t>(first));
  return first > 0;
}

void Tokenizer::State::tokenize(std::string_view input, std::int64_t word, const Truncation* limit, Part& out) const {
  std::string store;
  Pieces cut = pieces(usable(input, store));
  text::WordCache::Use words(cache, *model);
  const auto most = limit ? static_cast<std::size_t>(std::max<std::int64_t>(limit->max_tokens, 0)) : SIZE_MAX;
  Encoding& tokens = out.tokens;
  if (limit && limit->from_left && drop_start(cut, most, words)) tokens.truncated = true;
  const std::size_t before = tokens.ids.size();
  const std::size_t expected = before + std::min(most, cut.list.size() + cut.list.size() / 2);
  tokens.ids.reserve(expected);
  tokens.offsets.reserve(expected);
  tokens.words.reserve(expected);
  const bool trims = !edges.empty();
  for (std::size_t i = 0; i < cut.list.size(); ++i) {
    const text::Piece& piece = cut.list[i];
    const std::int64_t index = word >= 0 ? word : static_cast<std::int64_t>(i);
    const auto add = [&](std::int64_t id, std::size_t begin, std::size_t end) {
      const text::Span span = cut.aligned.origin_of(begin, end);
      tokens.ids.push_back(id);
      tokens.offsets.emplace_back(span.begin, span.end);
      tokens.words.push_back(index);
    };
    if (piece.token >= 0) {
      add(piece.token, piece.begin, piece.end);
      if (trims) out.edges.push_back(text::edges_of(cut.view(piece)));
      continue;
    }
    const auto [found, count] = words.tokenize(cut.view(piece));
    for (std::size_t k = 0; k < count; ++k) {
      add(found[k].id, piece.begin + found[k].begin, piece.begin + found[k].end);
      if (trims) out.edges.push_back(edges[found[k].id]);
    }
    if (tokens.ids.size() - before >= most && !(limit && limit->from_left)) {
      if (i + 1 < cut.list.size()) tokens.truncated = true;
      break;
    }
  }
  tokens.type_ids.resize(tokens.ids.size());
  tokens.special.resize(tokens.ids.size());
}

void Tokenizer::State::truncate(std::vector<Part>& parts, const Truncation& how) const {
  using Strategy = Truncation::Strategy;
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(how.max_tokens, 0));
  const std::size_t first = parts[0].size(), second = parts.size() > 1 ? parts[1].size() : 0;
  if (first + second <= most) return;
  const std::size_t excess = first + second - most;
  if (most == 0) {
    for (Part& part : parts) part.cut(0, how.from_left);
  } else if (how.strategy == Strategy::longest_first) {
    if (parts.size() == 1) {
      parts[0].cut(most, how.from_left);
      return;
    }
    // The shorter text stays whole as long as the longer one can make room for it; else both get half.
    std::size_t low = std::min(first, second);
    std::size_t high = low > most ? low : std::max(low, most - low);
    if (low + high > most) {
      low = most / 2;
      high = low + most % 2;
    }
    parts[0].cut(first > second ? high : low, how.from_left);
    parts[1].cut(first > second ? low : high, how.from_left);
  } else {
    const std::size_t index = how.strategy == Strategy::only_first ? 0 : 1;
    if (index >= parts.size() || parts[index].size() <= excess)
      fail(ErrorKind::bad_input,
           "the text to be cut is too short to reach " + std::to_string(how.max_tokens) + " tokens", where,
           "allow more tokens");
    parts[index].cut(parts[index].size() - excess, how.from_left);
  }
}

std::optional<Tokenizer::State::Truncation> Tokenizer::State::truncation_for(std::int64_t max_tokens) const {
  if (max_tokens < 0) return std::nullopt;
  return max_tokens == 0 ? truncation : Truncation{max_tokens};
}

Encoding Tokenizer::State::finish(std::vector<Part> parts, bool add_special_tokens,
                                  std::optional<Truncation> cut) const {
  if (cut) {
    if (add_special_tokens && post_processor) cut->max_tokens -= post_processor->added(parts.size() > 1);
    truncate(parts, *cut);
  }
  bool truncated = false;
  for (const Part& part : parts) truncated = truncated || part.tokens.truncated;
  if (parts.size() > 1) std::fill(parts[1].tokens.type_ids.begin(), parts[1].tokens.type_ids.end(), 1);
  if (post_processor) post_processor->apply(parts, add_special_tokens);
  Part all;
  for (Part& part : parts) all.append(std::move(part));
  all.tokens.truncated = truncated;
  return std::move(all.tokens);
}

Encoding Tokenizer::encode(std::string_view text, bool add_special_tokens, std::int64_t max_tokens) const {
  const auto cut = state_->truncation_for(max_tokens);
  const bool first = cut && cut->strategy != State::Truncation::Strategy::only_second;
  std::vector<Part> parts(1);
  state_->tokenize(text, -1, first ? &*cut : nullptr, parts[0]);
  return state_->finish(std::move(parts), add_special_tokens, cut);
}

Encoding Tokenizer::encode_pair(std::string_view text, std::string_view pair, bool add_special_tokens,
                                std::int64_t max_tokens) const {
  const auto cut = state_->truncation_for(max_tokens);
  const bool first = cut && cut->strategy != State::Truncation::Strategy::only_second;
  std::vector<Part> parts(2);
  state_->tokenize(text, -1, first ? &*cut : nullptr, parts[0]);
  state_->tokenize(pair, -1, cut ? &*cut : nullptr, parts[1]);
  return state_->finish(std::move(parts), add_special_tokens, cut);
}

Encoding Tokenizer::encode_words(const std::vector<std::string>& words, bool add_special_tokens,
                                 std::int64_t max_tokens) const {
  const auto cut = state_->truncation_for(max_tokens);
  const bool first = cut && cut->strategy != State::Truncation::Strategy::only_second;
  std::vector<Part> parts(1);
  for (std::size_t i = 0; i < words.size(); ++i)
    state_->tokenize(words[i], static_cast<std::int64_t>(i), first ? &*cut : nullptr, parts[0]);
  return state_->finish(std::move(parts), add_special_tokens, cut);
}

std::string Tokenizer::decode(const std::vector<std::int64_t>& ids, bool skip_special_tokens) const {
  std::vector<std::string> tokens;
  tokens.reserve(ids.size());
  for (const std::int64_t id : ids) {
    const text::AddedToken* token = state_->added.with_id(id);
    if (!token && !state_->model->vocabulary().holds(id)) continue;
    const std::string& name = token ? token->normal_form : state_->model->vocabulary().token_of(id);
    if (skip_special_tokens) {
      const text::AddedToken* named = state_->added.with_content(name);
      if (named && named->special) continue;
    }
    tokens.push_back(name);
  }
  if (state_->decoder) state_->decoder->apply(tokens);
  std::string out;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0 && !state_->decoder) out += ' ';
    out += tokens[i];
  }
  return out;
}

}  // namespace luthier
