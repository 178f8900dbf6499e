#pragma once
// What a proof says, as lines for people.
#include <QString>
#include <vector>

#include "base/json.h"
#include "widgets/states.h"

namespace luthier {

struct CertificateRow {
  QString id;  ///< relative logit token kl metric.NAME answers tensors size loading latency writing memory
  StateKind state = StateKind::note;
  QString measure, result, limit, meaning;
};

struct Certificate {
  bool checked = false, passed = false;
  QString title, summary;
  QString problem;  ///< what the core found wrong, a line each; empty when it passed
  std::vector<CertificateRow> rows;
};

/// `proof`: content of a proof.json; null where there is none.
Certificate certificateFrom(const Json& proof);
/// As plain text, to be pasted into a message or a paper.
QString certificateText(const Certificate& certificate, const QString& path);

}  // namespace luthier
