#include "pages/export/certificate.h"

#include <QObject>
#include <cmath>
#include <nlohmann/json.hpp>

#include "widgets/format.h"

namespace luthier {

namespace {
bool hasNumber(const Json& proof, const char* key) {
  const auto found = proof.find(key);
  return found != proof.end() && found->is_number();
}

double number(const Json& proof, const char* key) { return hasNumber(proof, key) ? proof[key].get<double>() : 0; }

QString words(const Json& proof, const char* key) {
  const auto found = proof.find(key);
  return found != proof.end() && found->is_string() ? QString::fromStdString(found->get<std::string>()) : QString();
}

qint64 listSize(const Json& proof, const char* key) {
  const auto found = proof.find(key);
  return found != proof.end() && found->is_array() ? qint64(found->size()) : 0;
}

QString sentences(const QString& lines) {
  QStringList all;
  for (const QString& line : lines.split('\n', Qt::SkipEmptyParts)) all << wholeSentence(line);
  return all.join('\n');
}

QString shortTime(double seconds) {
  return seconds < 1 ? QObject::tr("%1 ms").arg(QString::number(1000 * seconds, 'g', 3)) : durationText(seconds);
}

/// What has no limit.
void addNote(std::vector<CertificateRow>& rows, const QString& id, const QString& measure, const QString& result,
             const QString& meaning) {
  rows.push_back({id, StateKind::note, measure, result, {}, meaning});
}

void addComparison(const Json& proof, std::vector<CertificateRow>& rows) {
  if (!hasNumber(proof, "max_abs_difference")) return;
  const double relative = number(proof, "relative_difference"), limit = number(proof, "limit");
  const StateKind state = relative <= limit ? StateKind::done : StateKind::error;
  rows.push_back({"relative", state, QObject::tr("Difference of logits, relative"), numberText(relative),
                  QObject::tr("at most %1").arg(numberText(limit)), wholeSentence(words(proof, "limit_reason"))});
  addNote(rows, "logit", QObject::tr("Largest difference of logits"), numberText(number(proof, "max_abs_difference")),
          QObject::tr("The same difference, as it is."));
  const double positions = number(proof, "positions"), agreement = number(proof, "agreement");
  const qint64 agreeing = qint64(std::llround(agreement * positions));
  const bool limited = hasNumber(proof, "limit_agreement");
  const double least = number(proof, "limit_agreement");
  StateKind same = agreement >= 1 ? StateKind::done : StateKind::note;
  if (limited) same = agreement >= least ? StateKind::done : StateKind::error;
  rows.push_back({"token", same, QObject::tr("Same highest logit"), percentText(agreement),
                  limited ? QObject::tr("at least %1").arg(percentText(least)) : QString(),
                  QObject::tr("%1 of %2 positions.").arg(countText(agreeing), countText(qint64(positions)))});
  addNote(rows, "kl", QObject::tr("Mean KL divergence"), numberText(number(proof, "kl")),
          QObject::tr("In nats; 0 means the same distribution."));
}

QString proofMetricLabel(const std::string& name) {
  if (name == "loss") return QObject::tr("Loss of these rows");
  if (name == "accuracy") return QObject::tr("Accuracy on these rows");
  if (name == "token_accuracy") return QObject::tr("Right tokens");
  if (name == "f1") return QObject::tr("F1 on these rows");
  if (name == "mse") return QObject::tr("Mean squared error");
  if (name == "token_error_rate") return QObject::tr("Wrong tokens");
  return QString::fromStdString(name);
}

bool isLoss(const std::string& name) { return name == "loss" || name == "mse"; }

QString lossText(double loss) { return QString::number(loss, 'f', 4); }

/// Shares as percentages, losses as they are.
QString proofMetricText(const std::string& name, double value) {
  return isLoss(name) ? lossText(value) : percentText(value);
}

QString metricDelta(const std::string& name, double delta) {
  if (delta == 0) return QObject::tr("same");
  const QString sign = delta > 0 ? "+" : "−";
  const double size = std::abs(delta);
  if (!isLoss(name)) return QObject::tr("%1 points").arg(sign + QString::number(100 * size, 'f', 2));
  return sign + (size < 1e-4 ? numberText(size) : lossText(size));
}

/// What the data calls right, by the model and by the file.
void addMetrics(const Json& proof, std::vector<CertificateRow>& rows) {
  const auto metrics = proof.find("metrics");
  if (metrics == proof.end() || !metrics->is_array()) return;
  for (const Json& metric : *metrics) {
    const std::string name = words(metric, "name").toStdString();
    if (name.empty()) continue;
    const double live = number(metric, "live"), now = number(metric, "artefact");
    addNote(
        rows, "metric." + QString::fromStdString(name), proofMetricLabel(name), metricDelta(name, now - live),
        QObject::tr("%1 in memory, %2 from the file.").arg(proofMetricText(name, live), proofMetricText(name, now)));
  }
}

void addAnswers(const Json& proof, std::vector<CertificateRow>& rows) {
  const auto answers = proof.find("answers");
  if (answers == proof.end() || !answers->is_object()) return;
  const qint64 count = qint64(number(*answers, "count")), same = qint64(number(*answers, "same"));
  rows.push_back(
      {"answers",
       same == count ? StateKind::done : StateKind::note,
       QObject::tr("Same whole answers"),
       QObject::tr("%1 of %2").arg(countText(same), countText(count)),
       {},
       QObject::tr("%1 tokens, the likeliest each time.").arg(countText(qint64(number(*answers, "tokens"))))});
}

void addTensors(const Json& proof, std::vector<CertificateRow>& rows) {
  if (!proof.contains("changed_tensors")) return;
  const qint64 changed = listSize(proof, "changed_tensors"), missing = listSize(proof, "missing_tensors"),
               added = listSize(proof, "added_tensors");
  const bool same = changed + missing + added == 0;
  rows.push_back({"tensors",
                  same ? StateKind::done : StateKind::error,
                  QObject::tr("Tensors on the disk"),
                  same ? QObject::tr("all equal") : QObject::tr("%1 differ").arg(changed + missing + added),
                  {},
                  same ? QObject::tr("Each has the bytes that were exported.")
                       : QObject::tr("%1 changed, %2 missing, %3 too many.").arg(changed).arg(missing).arg(added)});
}
}  // namespace

Certificate certificateFrom(const Json& proof) {
  Certificate certificate;
  certificate.checked = proof.is_object() && proof.contains("passed") && proof["passed"].is_boolean();
  if (!certificate.checked) {
    certificate.title = QObject::tr("The file was not checked yet");
    certificate.summary = QObject::tr("Check it to compare what it computes with the model.");
    return certificate;
  }
  certificate.passed = proof["passed"].get<bool>();
  certificate.title = certificate.passed ? QObject::tr("The file computes what the model computes")
                                         : QObject::tr("The file differs from the model");
  const qint64 rows = qint64(number(proof, "rows")), positions = qint64(number(proof, "positions"));
  certificate.summary = rows > 0
                            ? QObject::tr("Another process loaded it from the disk and compared %1 rows, %2 positions.")
                                  .arg(countText(rows), countText(positions))
                            : QObject::tr("No rows could be compared.");
  certificate.problem = certificate.passed ? QString() : sentences(words(proof, "problem"));
  addComparison(proof, certificate.rows);
  addMetrics(proof, certificate.rows);
  addAnswers(proof, certificate.rows);
  addTensors(proof, certificate.rows);
  if (hasNumber(proof, "size_bytes"))
    addNote(certificate.rows, "size", QObject::tr("Size"), bytesText(number(proof, "size_bytes")),
            QObject::tr("All files, without the proof's own."));
  if (hasNumber(proof, "load_seconds"))
    addNote(certificate.rows, "loading", QObject::tr("Loading"), shortTime(number(proof, "load_seconds")),
            QObject::tr("From the disk into memory."));
  if (hasNumber(proof, "latency_ms"))
    addNote(certificate.rows, "latency", QObject::tr("Time for a row"), shortTime(number(proof, "latency_ms") / 1000),
            QObject::tr("One row at a time, on this machine."));
  if (const auto answers = proof.find("answers"); answers != proof.end() && answers->is_object())
    addNote(certificate.rows, "writing", QObject::tr("First token, then each"),
            QObject::tr("%1, %2").arg(shortTime(number(*answers, "first_token_ms") / 1000),
                                      shortTime(number(*answers, "token_ms") / 1000)),
            QObject::tr("On the processor of this machine."));
  if (hasNumber(proof, "peak_memory_bytes"))
    addNote(certificate.rows, "memory", QObject::tr("Peak memory"), bytesText(number(proof, "peak_memory_bytes")),
            QObject::tr("Of the process that loaded and computed it."));
  return certificate;
}

QString certificateText(const Certificate& certificate, const QString& path) {
  QString all = certificate.title + "\n" + path + "\n" + certificate.summary + "\n";
  for (const CertificateRow& row : certificate.rows)
    all += row.measure + ": " + row.result + (row.limit.isEmpty() ? "" : " (" + row.limit + ")") + "\n";
  if (!certificate.problem.isEmpty()) all += certificate.problem + "\n";
  return all;
}

}  // namespace luthier
