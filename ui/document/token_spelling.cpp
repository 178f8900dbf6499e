#include "document/token_spelling.h"

#include <QStringDecoder>

#include "text/byte_level.h"

namespace luthier {

namespace {
QString hex(unsigned char byte) {
  return QString("\\x%1").arg(int(byte), 2, 16, QChar('0')).toUpper().replace('X', 'x');
}

QString visible(const QString& text) {
  QString result;
  for (const QChar c : text) {
    if (c == ' ' || c == QChar(0x2581))
      result += QChar(0x00B7);
    else if (c == '\n')
      result += QChar(0x21B5);
    else if (c == '\t')
      result += QChar(0x21E5);
    else if (c.category() == QChar::Other_Control)
      result += hex(static_cast<unsigned char>(c.unicode()));
    else
      result += c;
  }
  return result;
}

QString fromBytes(const std::string& bytes) {
  QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
  const QString text = decoder(QByteArrayView(bytes.data(), qsizetype(bytes.size())));
  if (!decoder.hasError()) return visible(text);
  QString escaped;
  for (const char byte : bytes)
    escaped +=
        static_cast<unsigned char>(byte) < 0x80 ? visible(QString(QChar(byte))) : hex(static_cast<unsigned char>(byte));
  return escaped;
}
}  // namespace

TokenSpelling::TokenSpelling(const Tokenizer& tokenizer)
    : tokenizer_(tokenizer),
      // The stand-ins for the space and the line end: every byte-level vocabulary holds them.
      byteLevel_(tokenizer.id_of("\u0120").has_value() && tokenizer.id_of("\u010A").has_value()) {}

QString TokenSpelling::text(std::int64_t id) const {
  const std::string token = tokenizer_.token_of(id);
  std::string bytes;
  if (byteLevel_ && !tokenizer_.is_special(id) && text::append_bytes_behind(token, bytes)) return fromBytes(bytes);
  if (token.size() == 6 && token.starts_with("<0x") && token.ends_with(">")) {
    bool ok = false;
    const int byte = QString::fromStdString(token.substr(3, 2)).toInt(&ok, 16);
    if (ok) return fromBytes(std::string(1, static_cast<char>(byte)));
  }
  return visible(QString::fromStdString(token));
}

}  // namespace luthier
