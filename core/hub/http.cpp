#include "hub/http.h"

#include <curl/curl.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <string>

#include "base/error.h"

namespace luthier {

namespace {

constexpr int kRedirectLimit = 8;
constexpr long kConnectSeconds = 15, kSilentSeconds = 30;
constexpr std::size_t kBodyLimitBytes = 64u << 20;

struct Closing {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(char* text) const { curl_free(text); }
};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// Scheme, host and port: what a token belongs to.
std::string origin_of(const std::string& url) {
  const std::unique_ptr<CURLU, Closing> parsed(curl_url());
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return {};
  std::string origin;
  for (const CURLUPart part : {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT}) {
    char* text = nullptr;
    curl_url_get(parsed.get(), part, &text, CURLU_DEFAULT_PORT);
    const std::unique_ptr<char, Closing> held(text);
    origin += (origin.empty() ? "" : "|") + lower(text ? text : "");
  }
  return origin;
}

/// One request without redirects.
struct Exchange {
  const HttpRequest* request;
  CURL* handle;
  HttpReply reply;
  bool too_large = false;
  std::exception_ptr failure;  // of `receive`: libcurl is C, through which nothing may be thrown

  bool receive(int status, std::string_view bytes) {
    try {
      reply.stopped = !request->receive(status, reply.headers, bytes);
    } catch (...) {
      failure = std::current_exception();
      reply.stopped = true;
    }
    return !reply.stopped;
  }

  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self) {
    HttpReply& reply = static_cast<Exchange*>(self)->reply;
    const std::string_view line(data, size);
    if (line.starts_with("HTTP/")) reply.headers.clear();  // what a proxy or "100 Continue" said before
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || reply.headers.size() > 200) return size;
    const std::size_t begin = line.find_first_not_of(" \t", colon + 1), end = line.find_last_not_of(" \t\r\n");
    if (begin != std::string_view::npos && end >= begin)
      reply.headers[lower(std::string(line.substr(0, colon)))] = line.substr(begin, end - begin + 1);
    return size;
  }

  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self) {
    auto& exchange = *static_cast<Exchange*>(self);
    long status = 0;
    curl_easy_getinfo(exchange.handle, CURLINFO_RESPONSE_CODE, &status);
    if (exchange.request->receive && (status == 200 || status == 206)) {
      return exchange.receive(static_cast<int>(status), {data, size}) ? size : CURL_WRITEFUNC_ERROR;
    }
    exchange.too_large = exchange.reply.body.size() + size > kBodyLimitBytes;
    if (exchange.too_large) return CURL_WRITEFUNC_ERROR;
    exchange.reply.body.append(data, size);
    return size;
  }

  /// Lets a cancelled download stop while nothing arrives.
  static int on_wait(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto& exchange = *static_cast<Exchange*>(self);
    return !exchange.request->receive || exchange.receive(0, {}) ? 0 : 1;
  }
};

HttpReply exchange_once(const HttpRequest& request, const std::string& url, bool with_token) {
  const std::unique_ptr<CURL, Closing> handle(curl_easy_init());
  if (!handle) fail(ErrorKind::internal, "libcurl cannot be started");
  Exchange exchange{&request, handle.get(), {}};
  std::unique_ptr<curl_slist, Closing> headers;
  if (with_token && !request.token.empty())
    headers.reset(curl_slist_append(nullptr, ("Authorization: Bearer " + request.token).c_str()));
  const auto set = [&](auto option, auto value) { curl_easy_setopt(handle.get(), option, value); };
  char reason[CURL_ERROR_SIZE] = "";
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_USERAGENT, "luthier");
  set(CURLOPT_HTTPHEADER, headers.get());
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(CURLOPT_LOW_SPEED_TIME, kSilentSeconds);
  set(CURLOPT_ERRORBUFFER, reason);
  set(CURLOPT_HEADERFUNCTION, &Exchange::on_header);
  set(CURLOPT_HEADERDATA, &exchange);
  set(CURLOPT_WRITEFUNCTION, &Exchange::on_body);
  set(CURLOPT_WRITEDATA, &exchange);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &Exchange::on_wait);
  set(CURLOPT_XFERINFODATA, &exchange);
  if (request.head_only) set(CURLOPT_NOBODY, 1L);
  if (request.from > 0) set(CURLOPT_RANGE, (std::to_string(request.from) + "-").c_str());
  const CURLcode code = curl_easy_perform(handle.get());
  if (exchange.failure) std::rethrow_exception(exchange.failure);
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  exchange.reply.status = static_cast<int>(status);
  if (code == CURLE_OK || exchange.reply.stopped) return std::move(exchange.reply);
  const std::string why = reason[0] ? reason : curl_easy_strerror(code);
  if (exchange.too_large) fail(ErrorKind::bad_input, "the hub's answer is larger than 64 MB", url);
  if (status == 0)
    fail(ErrorKind::io, "the hub cannot be reached: " + why, url,
         "check the network and HF_ENDPOINT; HF_HUB_OFFLINE=1 works with what is in the cache");
  exchange.reply.cut_off = why;
  return std::move(exchange.reply);
}

std::string absolute(const std::string& base, const std::string& target) {
  const std::unique_ptr<CURLU, Closing> url(curl_url());
  char* text = nullptr;
  if (!url || curl_url_set(url.get(), CURLUPART_URL, base.c_str(), 0) != CURLUE_OK ||
      curl_url_set(url.get(), CURLUPART_URL, target.c_str(), 0) != CURLUE_OK ||
      curl_url_get(url.get(), CURLUPART_URL, &text, 0) != CURLUE_OK)
    fail(ErrorKind::io, "the hub redirects to something that is no address", base);
  const std::unique_ptr<char, Closing> held(text);
  return text;
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

HttpReply http_get(const HttpRequest& request) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) fail(ErrorKind::internal, "libcurl cannot be started");
  const std::string home = origin_of(request.url);
  std::string url = request.url;
  std::map<std::string, std::string> first_headers;
  for (int step = 0; step <= kRedirectLimit; ++step) {
    HttpReply reply = exchange_once(request, url, origin_of(url) == home);
    const auto location = reply.headers.find("location");
    const bool leaves = is_redirect(reply.status) && location != reply.headers.end();
    std::string next = leaves ? absolute(url, location->second) : "";
    if (leaves && url.starts_with("https://") && !next.starts_with("https://"))
      fail(ErrorKind::io, "the hub redirects to an address that is not encrypted", next);
    const bool stays = !leaves || (request.head_only && origin_of(next) != home);
    first_headers.insert(reply.headers.begin(), reply.headers.end());
    if (stays) {
      reply.headers = std::move(first_headers);
      return reply;
    }
    url = std::move(next);
  }
  fail(ErrorKind::io, "the hub redirects without end", request.url, "check HF_ENDPOINT");
}

std::string url_encoded(std::string_view text) {
  constexpr const char* kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool plain = std::isalnum(byte) && byte < 0x80;
    if (plain || std::string_view("-._~/").find(letter) != std::string_view::npos) {
      encoded += letter;
    } else {
      encoded += '%';
      encoded += kDigits[byte >> 4];
      encoded += kDigits[byte & 15];
    }
  }
  return encoded;
}

}  // namespace luthier
