#include "hub/api.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"

namespace luthier {

namespace {

constexpr std::size_t kFileLimit = 100'000;

void check_online(const HubSettings& settings, const std::string& what) {
  if (settings.offline)
    fail(ErrorKind::unsupported, "HF_HUB_OFFLINE is set, so nothing is fetched", what,
         "unset it, or use a model that is in the cache: luthier-cli hub list");
}

Json get_json(const HubSettings& settings, const std::string& url, const std::string& what) {
  HttpRequest request;
  request.url = url;
  request.token = settings.token;
  const HttpReply reply = http_get(request);
  check_reply(reply, what, url, !settings.token.empty());
  if (!reply.cut_off.empty()) fail(ErrorKind::io, "the hub's answer is cut off: " + reply.cut_off, url, "try again");
  try {
    return parse_json(reply.body, url);
  } catch (const Error&) {
    fail(ErrorKind::io, "what answers is no Hugging Face hub: its reply is not JSON", url,
         "check HF_ENDPOINT and whether the network asks for a login");
  }
}

std::string text_at(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::int64_t count_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

std::optional<std::uint64_t> bytes_at(const Json& object) {
  const auto found = object.find("size");
  if (found == object.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

HubFile file_of(const Json& sibling, const std::string& url) {
  HubFile file{text_at(sibling, "rfilename"), bytes_at(sibling), text_at(sibling, "blobId"), false};
  if (!is_safe_path(file.path))
    fail(ErrorKind::bad_input,
         "the model lists a file whose name leads elsewhere: " +
             Json(file.path).dump(-1, ' ', true, Json::error_handler_t::replace),
         url, "nothing of it was fetched; do not use this model");
  if (const auto lfs = sibling.find("lfs"); lfs != sibling.end() && lfs->is_object()) {
    file.etag = text_at(*lfs, "sha256");
    file.is_large = true;
    if (const auto bytes = bytes_at(*lfs)) file.bytes = bytes;
  }
  return file;
}

}  // namespace

void check_reply(const HttpReply& reply, const std::string& what, const std::string& url, bool has_token) {
  if (reply.status == 200 || reply.status == 206) return;
  const auto code = reply.headers.find("x-error-code");
  const std::string reason = code == reply.headers.end() ? "" : code->second;
  const std::string status = " (HTTP " + std::to_string(reply.status) + ")";
  const std::string token_hint = "put a token of your Hugging Face account into HF_TOKEN";
  if (reason == "GatedRepo" || reply.status == 403)
    fail(ErrorKind::bad_input, "this model is only for those who agreed to its terms" + status, what,
         "agree on the model's page, then " + (has_token ? "use a token that may read it" : token_hint));
  if (reason == "RevisionNotFound")
    fail(ErrorKind::not_found, "the model has no such revision" + status, what, "check the part after @");
  if (reply.status == 404 && reason == "EntryNotFound")
    fail(ErrorKind::not_found, "the model has no such file" + status, url);
  if (reply.status == 401)
    fail(has_token ? ErrorKind::bad_input : ErrorKind::not_found,
         has_token ? "the hub does not accept the token" + status
                   : "there is no such model, or it is only for those who are logged in" + status,
         what, has_token ? "set HF_TOKEN to a valid token" : "check the name; for a private model " + token_hint);
  if (reply.status == 404) fail(ErrorKind::not_found, "the hub has no such model" + status, what, "check the name");
  if (reply.status == 429)
    fail(ErrorKind::io, "the hub asks for a pause: too many requests" + status, url, "try again in some minutes");
  fail(ErrorKind::io, "the hub answers with an error" + status, url, "try again later");
}

HubModel model_info(const HubSettings& settings, const ModelName& name) {
  const std::string what = name.id + "@" + name.revision;
  check_online(settings, what);
  std::string revision = url_encoded(name.revision);
  for (std::size_t at = revision.find('/'); at != std::string::npos; at = revision.find('/', at))
    revision.replace(at, 1, "%2F");  // refs/pr/1 is one part of the address
  const std::string url =
      settings.endpoint + "/api/models/" + url_encoded(name.id) + "/revision/" + revision + "?blobs=true";
  const Json json = get_json(settings, url, what);
  const auto siblings = json.is_object() ? json.find("siblings") : json.end();
  HubModel model{name.id, text_at(json, "sha"), {}};
  if (!is_commit(model.commit) || siblings == json.end() || !siblings->is_array() || siblings->size() > kFileLimit)
    fail(ErrorKind::io, "what answers is no Hugging Face hub: its reply lists no files", url, "check HF_ENDPOINT");
  for (const Json& sibling : *siblings)
    if (sibling.is_object()) model.files.push_back(file_of(sibling, url));
  return model;
}

std::vector<FoundModel> search_models(const HubSettings& settings, const HubSearch& search) {
  check_online(settings, search.words);
  std::string url = settings.endpoint + "/api/models?search=" + url_encoded(search.words) +
                    "&limit=" + std::to_string(search.limit) + "&sort=downloads&direction=-1";
  if (!search.library.empty()) url += "&filter=" + url_encoded(search.library);
  if (!search.task.empty()) url += "&pipeline_tag=" + url_encoded(search.task);
  const Json json = get_json(settings, url, search.words);
  if (!json.is_array())
    fail(ErrorKind::io, "what answers is no Hugging Face hub: its reply is no list", url, "check HF_ENDPOINT");
  std::vector<FoundModel> found;
  for (const Json& one : json) {
    if (!one.is_object()) continue;
    const std::string id = text_at(one, "id").empty() ? text_at(one, "modelId") : text_at(one, "id");
    if (id.empty()) continue;
    const auto gated = one.find("gated");
    const bool is_gated = gated != one.end() && *gated != false && !gated->is_null();
    found.push_back({id, text_at(one, "pipeline_tag"), text_at(one, "library_name"), count_at(one, "downloads"),
                     count_at(one, "likes"), is_gated});
  }
  return found;
}

}  // namespace luthier
