#pragma once
// A hub in this process that speaks the API of Hugging Face's: well, badly, and with bad intentions.
#include <httplib.h>

#include <chrono>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/json.h"
#include "hub/checksum.h"
#include "support/testing.h"

namespace luthier::testing {

inline const std::string kCommit(40, 'c');
inline const std::string kConfig = R"({"model_type": "bert"})";

inline std::string sum_of(const std::string& content, bool large) {
  const TemporaryFolder folder;
  write_text(folder.path() / "f", content);
  return large ? sha256_of(folder.path() / "f") : git_sha1_of(folder.path() / "f");
}

/// A hub with one model, org/tiny: what it does wrong is set by the tests.
class Hub {
 public:
  explicit Hub(std::map<std::string, std::string> files) : files_(std::move(files)) {
    if (std::string& weights = files_["model.safetensors"]; weights.empty()) {
      weights.resize(300'000);
      for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<char>(i * 7 % 251);
    }
    api_.Get(R"(/api/models/org/tiny/revision/(.*))",
             [this](const auto& request, auto& reply) { info(request, reply); });
    api_.Get("/api/models", [this](const auto& request, auto& reply) {
      last_search = request.target;
      reply.set_content(search_reply, "application/json");
    });
    api_.Get(R"(/org/tiny/resolve/[0-9a-f]+/(.*))",
             [this](const auto& request, auto& reply) { resolve(request, reply); });
    store_.Get(R"(/store/(.*))", [this](const auto& request, auto& reply) {
      const std::scoped_lock lock(mutex);
      store_saw_token = store_saw_token || request.has_header("Authorization");
      send(request, reply, files_.at(request.matches[1]));
    });
    api_port_ = api_.bind_to_any_port("127.0.0.1");
    store_port_ = store_.bind_to_any_port("127.0.0.1");
    threads_.emplace_back([this] { api_.listen_after_bind(); });
    threads_.emplace_back([this] { store_.listen_after_bind(); });
    api_.wait_until_ready();
    store_.wait_until_ready();
  }
  ~Hub() {
    api_.stop();
    store_.stop();
    for (std::thread& thread : threads_) thread.join();
  }

  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(api_port_); }
  const std::string& weights() const { return files_.at("model.safetensors"); }

  // What it does wrong. Guarded by the mutex where a request changes it.
  std::mutex mutex;
  int cut_offs = 0;  ///< so many replies with weights end after a third
  int errors = 0;    ///< so many requests for weights are answered by `error_status`
  int error_status = 500;
  std::string error_code;  ///< X-Error-Code
  int info_status = 200;
  bool lies = false;  ///< about the checksum of the weights
  bool ignores_ranges = false;
  int pause_ms = 0;  ///< after every 50,000 bytes
  bool says_no_checksums = false;
  std::string extra_file;  ///< a name in the list of files
  std::string search_reply = "[]";
  std::string wanted_token;
  // What it saw.
  std::string last_search, ranges;
  bool saw_token = false, store_saw_token = false;
  int requests = 0;

 private:
  void info(const httplib::Request& request, httplib::Response& reply) {
    const std::scoped_lock lock(mutex);
    saw_token = saw_token || request.has_header("Authorization");
    const bool refused = !wanted_token.empty() && request.get_header_value("Authorization") != "Bearer " + wanted_token;
    if (refused || info_status != 200) {
      reply.status = refused ? 401 : info_status;
      if (!error_code.empty()) reply.set_header("X-Error-Code", error_code);
      return;
    }
    if (request.matches[1] != "main" && request.matches[1] != "v1") {
      reply.status = 404;
      reply.set_header("X-Error-Code", "RevisionNotFound");
      return;
    }
    Json siblings = Json::array();
    for (const auto& [name, content] : files_) {
      const bool large = name.ends_with(".safetensors");
      Json file = {{"rfilename", name}};
      if (!says_no_checksums) {
        file["size"] = content.size();
        file["blobId"] = sum_of(content, false);
        if (large)
          file["lfs"] = {{"sha256", lies ? std::string(64, 'a') : sum_of(content, true)}, {"size", content.size()}};
      }
      siblings.push_back(std::move(file));
    }
    if (!extra_file.empty()) siblings.push_back({{"rfilename", extra_file}, {"size", 3}, {"blobId", kCommit}});
    reply.set_content(Json{{"id", "org/tiny"}, {"sha", kCommit}, {"siblings", siblings}}.dump(), "application/json");
  }

  void resolve(const httplib::Request& request, httplib::Response& reply) {
    const std::scoped_lock lock(mutex);
    ++requests;
    saw_token = saw_token || request.has_header("Authorization");
    const std::string name = request.matches[1];
    if (!files_.count(name)) {
      reply.status = 404;
      return;
    }
    const bool large = name.ends_with(".safetensors");
    if (says_no_checksums) {
      reply.set_header(large ? "X-Linked-Etag" : "ETag", "\"" + sum_of(files_[name], large) + "\"");
      if (large) reply.set_header("X-Linked-Size", std::to_string(files_[name].size()));
    }
    if (!large) return send(request, reply, files_[name]);
    reply.set_redirect("http://127.0.0.1:" + std::to_string(store_port_) + "/store/" + name, 302);
  }

  void send(const httplib::Request& request, httplib::Response& reply, const std::string& content) {
    if (content.size() < 1000) return reply.set_content(content, "application/octet-stream");
    if (errors > 0) {
      --errors;
      reply.status = error_status;
      reply.set_content("an error page", "text/html");
      return;
    }
    ranges += "[" + request.get_header_value("Range") + "]";
    const bool cut = cut_offs > 0;
    if (cut) --cut_offs;
    if (ignores_ranges && request.has_header("Range")) const_cast<httplib::Request&>(request).ranges.clear();
    reply.set_content_provider(content.size(), "application/octet-stream",
                               [content, cut, pause = pause_ms, sent = std::size_t{0}](
                                   std::size_t offset, std::size_t length, httplib::DataSink& sink) mutable {
                                 if (cut && sent >= content.size() / 3) return false;
                                 const std::size_t size = std::min<std::size_t>(length, 50'000);
                                 sent += size;
                                 if (sent > size) std::this_thread::sleep_for(std::chrono::milliseconds(pause));
                                 return sink.write(content.data() + offset, size);
                               });
  }

  std::map<std::string, std::string> files_;
  httplib::Server api_, store_;
  int api_port_ = 0, store_port_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace luthier::testing
