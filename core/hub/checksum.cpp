#include "hub/checksum.h"

#include <openssl/evp.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/files.h"

namespace luthier {

namespace {

constexpr std::size_t kPieceBytes = 1u << 20;

std::string digest(const EVP_MD* kind, const std::string& before, const fs::path& file) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> sum(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (!sum || !EVP_DigestInit_ex(sum.get(), kind, nullptr) ||
      !EVP_DigestUpdate(sum.get(), before.data(), before.size()))
    fail(ErrorKind::internal, "a checksum cannot be computed", file.string());
  std::ifstream input(file, std::ios::binary);
  std::vector<char> piece(kPieceBytes);
  while (input.read(piece.data(), static_cast<std::streamsize>(piece.size())) || input.gcount() > 0)
    EVP_DigestUpdate(sum.get(), piece.data(), static_cast<std::size_t>(input.gcount()));
  if (!input.eof()) fail_errno("the file cannot be read", file.string());
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_DigestFinal_ex(sum.get(), bytes, &size);
  std::string text;
  for (unsigned i = 0; i < size; ++i)
    for (const int digit : {bytes[i] >> 4, bytes[i] & 15}) text += "0123456789abcdef"[digit];
  return text;
}

}  // namespace

std::string sha256_of(const fs::path& file) { return digest(EVP_sha256(), {}, file); }

std::string git_sha1_of(const fs::path& file) {
  std::string header = "blob " + std::to_string(fs::file_size(file));
  header += '\0';
  return digest(EVP_sha1(), header, file);
}

}  // namespace luthier
