#include "text/tokenizer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/random.h"
#include "text/tokenizer_state.h"

namespace luthier {

using text::Place;

std::shared_ptr<Tokenizer::State> Tokenizer::State::read(std::string tokenizer_json, const std::string& where) {
  const Json file = parse_json(tokenizer_json, where);
  const Place root(file, where);
  if (!root.has("model")) root.bad("this is not a tokenizer file: \"model\" is missing");
  if (root.has("version") && root.at("version").text() != "1.0")
    fail(ErrorKind::unsupported, "tokenizer files of another version than 1.0 are not supported",
         root.at("version").where(), "save the tokenizer again with a current version of transformers");

  auto state = std::make_shared<State>();
  state->where = where;
  state->model = text::read_model(root.at("model"));
  if (root.has("normalizer")) state->normalizer = text::read_normalizer(root.at("normalizer"));
  if (root.has("pre_tokenizer")) {
    bool raw_bytes = state->model->can_take_raw_bytes();
    state->pre_tokenizer = text::read_pre_tokenizer(root.at("pre_tokenizer"), raw_bytes);
    if (raw_bytes) state->model->take_raw_bytes();
  }
  if (root.has("added_tokens"))
    state->added =
        text::read_added_tokens(root.at("added_tokens"), state->model->vocabulary(), state->normalizer.get());
  state->added_in_file = state->added.all().size();
  if (root.has("post_processor")) {
    const Place place = root.at("post_processor");
    state->post_processor = text::read_post_processor(place, state->bound());
    if (const std::string type = place.type(); type == "BertProcessing" || type == "RobertaProcessing") {
      state->frame_start = place.at("cls").items().at(0).text();
      state->frame_end = place.at("sep").items().at(0).text();
    }
  }
  if (root.has("decoder")) state->decoder = text::read_decoder(root.at("decoder"));
  if (root.has("truncation")) {
    const Place place = root.at("truncation");
    Truncation how;
    how.max_tokens = place.at("max_length").whole(0, std::int64_t{1} << 40);
    how.from_left = place.text("direction", "Right") == "Left";
    const std::string strategy = place.text("strategy", "LongestFirst");
    if (strategy == "OnlyFirst")
      how.strategy = Truncation::Strategy::only_first;
    else if (strategy == "OnlySecond")
      how.strategy = Truncation::Strategy::only_second;
    else if (strategy != "LongestFirst")
      place.at("strategy").bad("expected LongestFirst, OnlyFirst or OnlySecond");
    state->truncation = how;
  }
  if (state->post_processor && state->post_processor->trims()) {
    const auto& vocabulary = state->model->vocabulary();
    state->edges.resize(static_cast<std::size_t>(vocabulary.bound()) + 1);  // never empty: that means no trimming
    for (std::int64_t id = 0; id < vocabulary.bound(); ++id)
      state->edges[static_cast<std::size_t>(id)] = text::edges_of(vocabulary.token_of(id));
  }
  for (const char* key : {"model", "normalizer", "pre_tokenizer", "post_processor", "truncation"}) {
    if (!root.has(key)) continue;
    // Vocabularies of broken files may hold anything: write what does not encode as U+FFFD.
    const std::string part = file[key].dump(-1, ' ', false, Json::error_handler_t::replace);
    state->components_hash = mix(state->components_hash, hash_bytes(part.data(), part.size()));
  }
  state->source = std::move(tokenizer_json);
  return state;
}

std::optional<std::int64_t> Tokenizer::State::id_of(std::string_view token) const {
  if (const text::AddedToken* found = added.with_content(token)) return found->id;
  const auto id = model->vocabulary().id_of(token);
  return id ? std::optional<std::int64_t>(*id) : std::nullopt;
}

std::int64_t Tokenizer::State::bound() const { return std::max(model->vocabulary().bound(), added.highest_id() + 1); }

Tokenizer::Tokenizer(std::shared_ptr<State> state) : state_(std::move(state)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

Tokenizer Tokenizer::from_json(std::string_view tokenizer_json, const std::string& where) {
  auto state = State::read(std::string(tokenizer_json), where);
  state->read_companions({});
  return Tokenizer(std::move(state));
}

std::int64_t Tokenizer::vocabulary_size() const { return state_->bound(); }

std::optional<std::int64_t> Tokenizer::id_of(std::string_view token) const { return state_->id_of(token); }

std::string Tokenizer::token_of(std::int64_t id) const {
  if (const text::AddedToken* found = state_->added.with_id(id)) return found->content;
  const auto& vocabulary = state_->model->vocabulary();
  return vocabulary.holds(id) ? vocabulary.token_of(id) : std::string();
}

bool Tokenizer::is_special(std::int64_t id) const {
  const text::AddedToken* found = state_->added.with_id(id);
  return found && found->special;
}

std::optional<std::int64_t> Tokenizer::pad_id() const { return state_->roles.pad; }
std::optional<std::int64_t> Tokenizer::unknown_id() const { return state_->roles.unknown; }
std::optional<std::int64_t> Tokenizer::mask_id() const { return state_->roles.mask; }
std::optional<std::int64_t> Tokenizer::bos_id() const { return state_->roles.bos; }
std::optional<std::int64_t> Tokenizer::eos_id() const { return state_->roles.eos; }
std::optional<std::int64_t> Tokenizer::cls_id() const { return state_->roles.cls; }
std::optional<std::int64_t> Tokenizer::sep_id() const { return state_->roles.sep; }
const std::string& Tokenizer::chat_template() const { return state_->chat_template; }
const std::string& Tokenizer::source() const { return state_->source; }

std::int64_t Tokenizer::add_tokens(const std::vector<std::string>& tokens, bool special) {
  std::int64_t count = 0;
  for (const std::string& content : tokens) {
    if (content.empty() || state_->id_of(content)) continue;
    if (!text::valid_utf8(content)) fail(ErrorKind::bad_input, "a token to be added is not valid UTF-8", state_->where);
    text::AddedToken token;
    token.content = content;
    token.special = special;
    token.normalized = !special;
    count += state_->added.add(std::move(token), state_->model->vocabulary(), state_->normalizer.get());
  }
  return count;
}

std::uint64_t Tokenizer::fingerprint() const {
  std::uint64_t hash = state_->components_hash;
  for (const text::AddedToken& token : state_->added.all()) {
    const std::uint64_t flags = (token.single_word ? 1u : 0u) | (token.lstrip ? 2u : 0u) | (token.rstrip ? 4u : 0u) |
                                (token.normalized ? 8u : 0u);
    hash =
        mix(hash, hash_bytes(token.content.data(), token.content.size()), static_cast<std::uint64_t>(token.id), flags);
  }
  return hash;
}

}  // namespace luthier
