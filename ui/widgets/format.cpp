#include "widgets/format.h"

#include <QDateTime>
#include <QLocale>
#include <QObject>
#include <cmath>

namespace luthier {

namespace {
/// Three significant figures without an exponent.
QString three(double value) {
  const double size = std::fabs(value);
  const int decimals = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return QString::number(value, 'f', decimals);
}
}  // namespace

QString countText(std::int64_t number) { return QLocale(QLocale::English).toString(qlonglong(number)); }

QString shortCountText(double number) {
  const double size = std::fabs(number);
  if (size >= 999.5e6) return three(number / 1e9) + " G";
  if (size >= 999.5e3) return three(number / 1e6) + " M";
  if (size >= 9999.5) return three(number / 1e3) + " k";
  return countText(std::llround(number));
}

QString bytesText(double bytes) {
  const double size = std::fabs(bytes);
  if (size >= 999.5e9) return three(bytes / 1e12) + " TB";
  if (size >= 999.5e6) return three(bytes / 1e9) + " GB";
  if (size >= 999.5e3) return three(bytes / 1e6) + " MB";
  if (size >= 1000) return three(bytes / 1e3) + " kB";
  return QString::number(std::llround(bytes)) + " B";
}

QString durationText(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "–";
  if (seconds < 10) return QString::number(seconds, 'f', 1) + " s";
  if (seconds < 90) return QString::number(std::llround(seconds)) + " s";
  const long long minutes = std::llround(seconds / 60);
  if (minutes < 90) return QString::number(minutes) + " min";
  if (minutes < 48 * 60) return QString("%1 h %2 min").arg(minutes / 60).arg(minutes % 60);
  return QObject::tr("%1 days %2 h").arg(minutes / 1440).arg(minutes % 1440 / 60);
}

QString clockDurationText(double seconds) {
  const long long all = std::llround(std::max(0.0, seconds));
  const QString end =
      QString("%1:%2").arg(all / 60 % 60, all >= 3600 ? 2 : 1, 10, QChar('0')).arg(all % 60, 2, 10, QChar('0'));
  return all >= 3600 ? QString::number(all / 3600) + ":" + end : end;
}

QString percentText(double share) {
  const double percent = share * 100;
  const double size = std::fabs(percent);
  const int decimals = size >= 9.995 || size == 0 ? 1 : size >= 0.995 ? 2 : 3;
  return QString::number(percent, 'f', decimals) + " %";
}

QString numberText(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "NaN" : value > 0 ? "∞" : "-∞";
  const double size = std::fabs(value);
  if (size != 0 && (size < 1e-3 || size >= 1e7)) {
    QString text = QString::number(value, 'e', 2);
    return text.replace("e-0", "e-").replace("e+0", "e").replace(".00e", "e");
  }
  if (value == std::round(value) && size < 1e7) return countText(std::llround(value));
  return QString::number(value, 'g', 4);
}

QString clockText(double seconds) {
  const QDateTime time = QDateTime::fromMSecsSinceEpoch(std::llround(seconds * 1000));
  return time.date() == QDate::currentDate() ? time.toString("HH:mm")
                                             : QLocale(QLocale::English).toString(time, "d MMM HH:mm");
}

QString capitalText(QString clause) {
  QString first = clause.section(' ', 0, 0);
  while (first.endsWith('.') || first.endsWith(':') || first.endsWith(',')) first.chop(1);
  const bool name = first.contains('.') || first.contains('_') || first.contains('/');
  if (!clause.isEmpty() && !name) clause[0] = clause[0].toUpper();
  return clause;
}

QString wholeSentence(QString clause) {
  if (clause.isEmpty()) return clause;
  clause = capitalText(std::move(clause));
  return clause.endsWith('.') ? clause : clause + '.';
}

}  // namespace luthier
