#pragma once
// What `luthier-cli preflight --json` says, as values for the page.
#include <QString>
#include <QStringList>
#include <vector>

#include "base/json.h"
#include "widgets/states.h"

namespace luthier {

/// Bytes at the peak of training.
struct PreflightMemory {
  double weights = 0, gradients = 0, optimizer = 0, activations = 0, total = 0;
};

struct PreflightResult {
  struct Fix {
    QString label;
    QStringList set;  ///< as Document::apply takes them
  };
  struct Check {
    QString id, group, label, severity, value, message;
    std::vector<Fix> fixes;
    bool passed() const { return severity == "pass"; }
    StateKind state() const;
  };

  QString verdict;  ///< ready warnings blocked
  double seconds = 0, stepSeconds = 0, longestStepSeconds = 0, totalSeconds = 0;
  qint64 steps = 0;
  PreflightMemory estimate, measured;  ///< measured.total is 0 when the dry step was left out
  double memoryAvailable = 0;
  double diskNeeded = 0, diskFree = 0;
  QString diskFolder;
  double tokens = 0, lossTokens = 0, contextTokens = 0, cutTokens = 0, paddingShare = 0;
  qint64 rows = 0;
  std::vector<Check> checks;

  int count(const QString& severity) const;
  /// The labels of the checks that block the start.
  QStringList blocking() const;
  bool wasMeasured() const { return measured.total > 0; }
  double peakMemory() const { return wasMeasured() ? measured.total : estimate.total; }
};

/// `json`: the value of "preflight". What is absent stays 0 or empty.
PreflightResult preflightFrom(const Json& json);

}  // namespace luthier
