#pragma once
// What follows from the recipe and takes time to find out: the data's profile, the model's outline, the estimate of
// memory and disk, and what the last preflight measured. Each is computed off the window's thread and tells when it
// changes; pages, run card and step marks read it here.
#include <QObject>
#include <QTimer>
#include <map>
#include <memory>
#include <optional>

#include "data/profile.h"
#include "document/document.h"
#include "jobs/job.h"
#include "recipe/memory.h"
#include "recipe/outline.h"

namespace luthier {

struct Estimate {
  MemoryEstimate memory;
  std::int64_t trainable = 0, total = 0;  ///< parameters
  std::int64_t steps = 0;                 ///< optimizer steps of the whole run; 0: unknown
  std::uint64_t disk_bytes = 0;           ///< checkpoints and exports
  std::uint64_t disk_free_bytes = 0, memory_available_bytes = 0, memory_total_bytes = 0;
};

class ProjectFacts : public QObject {
  Q_OBJECT
 public:
  ProjectFacts(Document& document, JobList& jobs, QObject* parent = nullptr);
  ~ProjectFacts() override;

  /// nullptr until it is there. The profile of the training file with the recipe's roles, and token lengths when there
  /// is a model.
  const DataProfile* data() const { return data_.get(); }
  const std::optional<ErrorText>& dataError() const { return dataError_; }
  bool dataLoading() const { return dataJob_ != nullptr; }

  const ModelOutline* model() const { return model_.get(); }
  const std::optional<ErrorText>& modelError() const { return modelError_; }

  /// nullopt until data and model are there.
  const std::optional<Estimate>& estimate() const { return estimate_; }
  /// For another method than the recipe's (method cards); nullopt without a model. Asked again before anything has
  /// changed, it is what was computed then.
  std::optional<Estimate> estimateFor(const MethodOptions& method) const;

  /// What `luthier-cli preflight --json` said last for this recipe; null when never.
  const Json& preflight() const { return preflight_; }
  double preflightAt() const { return preflightAt_; }
  /// The recipe has changed since.
  bool preflightStale() const { return preflightStale_; }
  void setPreflight(const Json& result);

 Q_SIGNALS:
  void dataChanged();
  void modelChanged();
  void estimateChanged();
  void preflightChanged();

 private:
  void documentChanged(const QStringList& paths);
  void startData();
  void startModel();
  void computeEstimate();
  Estimate computeFor(const MethodOptions& method) const;

  Document& document_;
  JobList& jobs_;
  QTimer dataSoon_, modelSoon_, estimateSoon_;
  std::shared_ptr<const DataProfile> data_;
  std::shared_ptr<const ModelOutline> model_;
  std::optional<ErrorText> dataError_, modelError_;
  QPointer<Job> dataJob_;
  std::optional<Estimate> estimate_;
  mutable std::map<std::string, Estimate> estimates_;  ///< by the method as JSON, until something changes
  Json preflight_;
  double preflightAt_ = 0;
  bool preflightStale_ = false;
  int modelRound_ = 0;
};

}  // namespace luthier
