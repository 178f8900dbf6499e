#pragma once
// Numbers, sizes and times as the window writes them: thousands comma, unit after a space, three significant figures;
// clauses of the core as sentences.
#include <QString>
#include <cstdint>

namespace luthier {

QString countText(std::int64_t number);      ///< "49,172"
QString shortCountText(double number);       ///< "8.80 M", "12.1 k", "512"
QString bytesText(double bytes);             ///< "12.4 GB", "213 MB" (powers of 1000)
QString durationText(double seconds);        ///< "42 s", "38 min", "3 h 10 min"
QString clockDurationText(double seconds);   ///< "24:06", "1:24:06"
QString percentText(double share);           ///< 0.0178 -> "1.78 %"
QString numberText(double value);            ///< three significant figures, "2e-4" below a thousandth
QString clockText(double secondsSince1970);  ///< "18:20" today, else "23 Nov 18:20"
/// With a capital at the begin, unless that is a name: of a file ("train.csv: ...") or a setting ("data.max_rows").
QString capitalText(QString clause);
QString wholeSentence(QString clause);  ///< the same, and a full stop; nothing stays nothing

}  // namespace luthier
