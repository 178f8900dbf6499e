#include "serve/server.h"

#include <c10/util/Exception.h>
#include <httplib.h>

#include <atomic>
#include <new>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "serve/answers.h"

namespace luthier {

namespace {

constexpr std::size_t kLargestBody = 1 << 20;
constexpr std::size_t kThreads = 4, kMostThreads = 64, kMostWaiting = 256;
constexpr const char* kHost = "127.0.0.1";

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::bad_input:
    case ErrorKind::unsupported:
      return 400;
    case ErrorKind::not_found:
      return 404;
    case ErrorKind::cancelled:
      return 503;
    default:
      return 500;
  }
}

void answer_error(httplib::Response& response, int status, const Error& error) {
  response.status = status;
  response.set_content(text_of(error_answer(error)), "application/json");
}

/// Calls `work` and hands whatever it throws to `failed` as an Error.
template <class Work, class Failed>
void guarded(Work work, Failed failed) {
  const char* no_memory = "there is not enough memory for this";
  const char* shorter = "send a shorter text";
  try {
    work();
  } catch (const Error& error) {
    failed(error);
  } catch (const std::bad_alloc&) {
    failed(Error(ErrorKind::out_of_memory, no_memory, {}, shorter));
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    if (text.find("allocate memory") != std::string::npos || text.find("out of memory") != std::string::npos)
      failed(Error(ErrorKind::out_of_memory, no_memory, {}, shorter));
    else
      failed(Error(ErrorKind::internal, "LibTorch refused an operation: " + text));
  } catch (const std::exception& error) {
    failed(Error(ErrorKind::internal, error.what()));
  }
}

/// The host of "host:port" or "scheme://host:port".
std::string host_of(std::string text) {
  if (const auto scheme = text.find("://"); scheme != std::string::npos) text.erase(0, scheme + 3);
  const auto bracket = text.find(']');
  return text.substr(0, text.find(':', bracket == std::string::npos ? 0 : bracket));
}

bool is_loopback(const std::string& host) { return host == kHost || host == "localhost" || host == "[::1]"; }

/// A page in a browser can reach this machine's ports: by a name that its server lets point here, or by a form. Both
/// show in the headers.
bool is_from_elsewhere(const httplib::Request& request) {
  return (request.has_header("Host") && !is_loopback(host_of(request.get_header_value("Host")))) ||
         (request.has_header("Origin") && !is_loopback(host_of(request.get_header_value("Origin"))));
}

}  // namespace

struct Server::State {
  std::vector<std::unique_ptr<ServedModel>> models;
  httplib::Server http;
  int port = 0;
  std::atomic<bool> stopping{false};

  ServedModel& model(const std::string& id) {
    std::string known;
    for (const auto& one : models) {
      if (one->id() == id) return *one;
      known += (known.empty() ? "" : ", ") + one->id();
    }
    fail(ErrorKind::not_found, "there is no model \"" + id.substr(0, 60) + "\"", "model", "there is " + known);
  }

  /// A route whose answer is one JSON object.
  template <class Make>
  void route(const std::string& path, Make make) {
    http.Post(path, [this, make](const httplib::Request& request, httplib::Response& response) {
      const GoOn go_on = [&] { return !stopping && !request.is_connection_closed(); };
      guarded(
          [&] {
            const Json body = parse_json(request.body, "body");
            response.set_content(text_of(make(model(wanted_model(body)), body, go_on)), "application/json");
          },
          [&](const Error& error) { answer_error(response, status_of(error.kind), error); });
    });
  }

  void complete(const httplib::Request& request, httplib::Response& response, bool chat);
  void stream(const Completion& completion, ServedModel& model, httplib::Response& response);
  void set_up();
};

void Server::State::complete(const httplib::Request& request, httplib::Response& response, bool chat) {
  const Json body = parse_json(request.body, "body");
  Completion completion = read_completion(body, chat);
  ServedModel& asked = model(completion.model);
  if (chat) completion.prompt = asked.prompt_of(completion.conversation);
  asked.room_after(completion.prompt, chat);
  if (completion.stream) return stream(completion, asked, response);
  const GoOn go_on = [&] { return !stopping && !request.is_connection_closed(); };
  const Continuation written = asked.complete(completion.prompt, completion.options, go_on);
  if (written.end == Continuation::End::cancelled) fail(ErrorKind::cancelled, "the server ends");
  response.set_content(text_of(completion_answer(completion, written)), "application/json");
}

void Server::State::stream(const Completion& completion, ServedModel& model, httplib::Response& response) {
  response.set_header("Cache-Control", "no-cache");
  response.set_chunked_content_provider(
      "text/event-stream", [this, completion, &model](std::size_t, httplib::DataSink& sink) {
        const auto send = [&](const std::string& data) {
          const std::string event = "data: " + data + "\n\n";
          return sink.write(event.data(), event.size());
        };
        const GoOn go_on = [&] { return !stopping && sink.is_writable(); };
        bool whole = true;
        guarded(
            [&] {
              ContinueOptions options = completion.options;
              options.on_text = [&](std::string_view piece) {
                return piece.empty() || send(text_of(completion_piece(completion, piece)));
              };
              const Continuation written = model.complete(completion.prompt, options, go_on);
              whole = written.end != Continuation::End::cancelled && send(text_of(completion_end(completion, written)));
            },
            [&](const Error& error) { whole = send(text_of(error_answer(error))); });
        if (!whole || !send("[DONE]")) return false;
        sink.done();
        return true;
      });
}

void Server::State::set_up() {
  http.new_task_queue = [] { return new httplib::ThreadPool(kThreads, kMostThreads, kMostWaiting); };
  http.set_payload_max_length(kLargestBody);
  http.set_tcp_nodelay(true);
  // Only to take a port again at once after a server has ended; never one that somebody else listens on.
  http.set_socket_options([](socket_t socket) { httplib::set_socket_opt(socket, SOL_SOCKET, SO_REUSEADDR, 1); });
  http.set_pre_routing_handler([](const httplib::Request& request, httplib::Response& response) {
    if (!is_from_elsewhere(request)) return httplib::Server::HandlerResponse::Unhandled;
    answer_error(response, 403,
                 Error(ErrorKind::unsupported, "pages from elsewhere may not ask this server", "Host or Origin",
                       std::string("ask it as ") + kHost));
    return httplib::Server::HandlerResponse::Handled;
  });
  http.set_error_handler([](const httplib::Request& request, httplib::Response& response) {
    if (!response.body.empty()) return;
    if (response.status == 413)
      return answer_error(
          response, 413,
          Error(ErrorKind::bad_input, "the request is larger than 1 MB", "body", "send less text at once"));
    if (response.status == 404)
      return answer_error(response, 404,
                          Error(ErrorKind::not_found, "there is nothing to ask here",
                                request.method + " " + request.path.substr(0, 100), "docs/api.md lists what there is"));
    answer_error(response, response.status, Error(ErrorKind::bad_input, httplib::status_message(response.status)));
  });

  http.Get("/health", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(text_of({{"status", "ok"}}), "application/json");
  });
  http.Get("/v1/models", [this](const httplib::Request&, httplib::Response& response) {
    Json list = Json::array();
    for (const auto& one : models)
      list.push_back({{"id", one->id()}, {"object", "model"}, {"created", 0}, {"owned_by", "luthier"}});
    response.set_content(text_of({{"object", "list"}, {"data", std::move(list)}}), "application/json");
  });
  route("/v1/classify", classify_answer);
  route("/v1/tag", tag_answer);
  route("/v1/fill", fill_answer);
  for (const bool chat : {false, true})
    http.Post(chat ? "/v1/chat/completions" : "/v1/completions",
              [this, chat](const httplib::Request& request, httplib::Response& response) {
                guarded([&] { complete(request, response, chat); },
                        [&](const Error& error) { answer_error(response, status_of(error.kind), error); });
              });
}

Server::Server(std::vector<std::unique_ptr<ServedModel>> models, int port) : state_(std::make_unique<State>()) {
  if (models.empty()) fail(ErrorKind::internal, "a server needs a model");
  state_->models = std::move(models);
  state_->set_up();
  if (port == 0)
    state_->port = state_->http.bind_to_any_port(kHost);
  else if (state_->http.bind_to_port(kHost, port))
    state_->port = port;
  if (state_->port <= 0)
    fail(ErrorKind::io, "port " + std::to_string(port) + " of this machine cannot be taken", kHost,
         "another program listens there: choose another port, or 0 for any free one");
}

Server::~Server() = default;

int Server::port() const { return state_->port; }

std::string Server::url() const { return std::string("http://") + kHost + ":" + std::to_string(state_->port); }

void Server::run() {
  if (!state_->http.listen_after_bind() && !state_->stopping)
    fail(ErrorKind::io, "the server cannot go on listening", url());
}

void Server::stop() {
  state_->stopping = true;
  state_->http.wait_until_ready();
  state_->http.stop();
}

}  // namespace luthier
