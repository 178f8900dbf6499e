#pragma once
// HTTP GET over libcurl, with the two rules that downloads need: the token goes to the hub alone, and what comes with
// an error never ends up in a file.
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace luthier {

struct HttpRequest {
  std::string url;
  std::string token;       ///< sent to the host of `url` only, not to where it redirects
  std::uint64_t from = 0;  ///< asks for the bytes from here on
  bool head_only = false;  ///< headers without the content, redirects to another host not followed
  /// What a success (200, 206) brings, piece by piece, with the status and headers of the reply; also called with
  /// status 0 and no bytes about once a second. false: stop.
  std::function<bool(int status, const std::map<std::string, std::string>& headers, std::string_view bytes)> receive;
};

struct HttpReply {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case; those of the first reply stay when redirected
  std::string body;                            ///< of an error, or of a success without `receive`
  std::string cut_off;                         ///< why the content ended too early; empty: it did not
  bool stopped = false;                        ///< `receive` said so
};

/// Follows up to 8 redirects. io when no reply came at all (no network, unknown host, timeout); every status is a
/// reply.
HttpReply http_get(const HttpRequest& request);

/// A part of a path in a URL: what is no letter, digit or -._~/ as %XX.
std::string url_encoded(std::string_view text);

}  // namespace luthier
