#include "document/project_facts.h"

#include <QDateTime>
#include <QElapsedTimer>
#include <cmath>

#include "base/error.h"
#include "base/files.h"
#include "device/device.h"
#include "document/dataset_options.h"
#include "recipe/catalog.h"
#include "text/tokenizer.h"

namespace luthier {

namespace {
constexpr int kDataMilliseconds = 300, kModelMilliseconds = 20, kEstimateMilliseconds = 10, kMemoryMilliseconds = 1000;

bool touches(const QStringList& paths, std::initializer_list<const char*> prefixes) {
  for (const QString& path : paths) {
    if (path.isEmpty()) return true;
    for (const char* prefix : prefixes)
      if (path.startsWith(QLatin1String(prefix)) || QString(prefix).startsWith(path)) return true;
  }
  return false;
}

/// Not older than a second: one refresh of the cards asks for each of them, and the control groups are a dozen files.
Memory memoryNow() {
  static Memory known;
  static QElapsedTimer age;
  if (!age.isValid() || age.elapsed() > kMemoryMilliseconds) {
    known = memory();
    age.start();
  }
  return known;
}

fs::path tokenizerFolder(const Recipe& recipe) {
  return recipe.model.tokenizer.empty() ? recipe.model.path : recipe.model.tokenizer;
}
}  // namespace

ProjectFacts::ProjectFacts(Document& document, JobList& jobs, QObject* parent)
    : QObject(parent), document_(document), jobs_(jobs) {
  for (const auto& [timer, milliseconds] : {std::pair{&dataSoon_, kDataMilliseconds},
                                            {&modelSoon_, kModelMilliseconds},
                                            {&estimateSoon_, kEstimateMilliseconds}}) {
    timer->setSingleShot(true);
    timer->setInterval(milliseconds);
  }
  connect(&dataSoon_, &QTimer::timeout, this, &ProjectFacts::startData);
  connect(&modelSoon_, &QTimer::timeout, this, &ProjectFacts::startModel);
  connect(&estimateSoon_, &QTimer::timeout, this, &ProjectFacts::computeEstimate);
  connect(&document, &Document::changed, this, &ProjectFacts::documentChanged);
  for (const auto signal : {&ProjectFacts::dataChanged, &ProjectFacts::modelChanged})
    connect(this, signal, this, [this] { estimates_.clear(); });
  connect(&document, &Document::projectChanged, this, [this] {
    data_.reset();
    model_.reset();
    dataError_.reset();
    modelError_.reset();
    estimate_.reset();
    preflight_ = Json();
    preflightStale_ = false;
    if (document_.isOpen()) documentChanged({QString()});
    Q_EMIT dataChanged();
    Q_EMIT modelChanged();
    Q_EMIT estimateChanged();
    Q_EMIT preflightChanged();
  });
}

ProjectFacts::~ProjectFacts() {
  if (dataJob_) dataJob_->cancel();
}

void ProjectFacts::documentChanged(const QStringList& paths) {
  if (!document_.isOpen()) return;
  estimates_.clear();
  if (touches(paths, {"data", "model.path", "model.tokenizer", "objective", "seed"})) dataSoon_.start();
  if (touches(paths, {"model", "objective.kind"})) modelSoon_.start();
  if (!preflight_.is_null() && !preflightStale_ && paths != QStringList{"name"}) {
    preflightStale_ = true;
    Q_EMIT preflightChanged();
  }
  estimateSoon_.start();
}

void ProjectFacts::startData() {
  if (dataJob_) {
    dataJob_->cancel();
    dataJob_->disconnect(this);
    dataJob_ = nullptr;
  }
  const Recipe recipe = document_.lenient();
  if (!document_.isOpen() || recipe.data.train.empty()) {
    data_.reset();
    dataError_.reset();
    Q_EMIT dataChanged();
    return;
  }
  auto result = std::make_shared<std::shared_ptr<const DataProfile>>();
  auto* job = new ThreadJob(
      tr("Reading the data"),
      [recipe, result](JobProgress& progress) {
        DatasetOptions options = datasetOptionsOf(recipe);
        options.progress = progress.report;
        std::optional<Tokenizer> tokenizer;
        std::error_code ignored;
        // Without a model there are no lengths; a broken tokenizer is the model page's finding.
        if (const fs::path folder = tokenizerFolder(recipe); !folder.empty() && fs::exists(folder, ignored)) try {
            tokenizer.emplace(Tokenizer::open(folder));
          } catch (const Error&) {
          }
        *result = std::make_shared<const DataProfile>(profile_data(options, tokenizer ? &*tokenizer : nullptr));
      },
      [this, result] {
        data_ = *result;
        dataError_.reset();
      },
      this);
  dataJob_ = job;
  connect(job, &Job::finished, this, [this](const std::optional<ErrorText>& error) {
    dataJob_ = nullptr;
    if (error && error->kind != "cancelled") {
      dataError_ = error;
      dataError_->title = tr("The data cannot be read");
      data_.reset();
    }
    Q_EMIT dataChanged();
    estimateSoon_.start();
    modelSoon_.start();  // the number of labels may be another
  });
  jobs_.run(job);
  Q_EMIT dataChanged();
}

void ProjectFacts::startModel() {
  const Recipe recipe = document_.lenient();
  const int round = ++modelRound_;
  if (!document_.isOpen() || recipe.model.path.empty()) {
    model_.reset();
    modelError_.reset();
    Q_EMIT modelChanged();
    return;
  }
  const std::int64_t labels = !recipe.data.labels.empty() ? std::int64_t(recipe.data.labels.size())
                              : data_                     ? std::int64_t(data_->labels.size())
                                                          : 0;
  const std::string objective = kind_of(recipe.objective);
  auto result = std::make_shared<std::shared_ptr<const ModelOutline>>();
  auto* job = new ThreadJob(
      tr("Reading the model"),
      [path = fs::path(recipe.model.path), drawn = recipe.model.from_config, objective, labels, result](JobProgress&) {
        // Weights that are drawn anew are not looked for.
        const fs::path source = drawn && fs::is_directory(path) ? path / "config.json" : path;
        *result = std::make_shared<const ModelOutline>(outline_for(source, objective, labels));
      },
      [] {}, this);
  connect(job, &Job::finished, this, [this, round, result](const std::optional<ErrorText>& error) {
    if (round != modelRound_) return;
    model_ = *result;
    modelError_ = error;
    if (modelError_) modelError_->title = tr("The model cannot be used");
    Q_EMIT modelChanged();
    estimateSoon_.start();
  });
  jobs_.run(job);
}

std::optional<Estimate> ProjectFacts::estimateFor(const MethodOptions& method) const {
  if (!model_) return std::nullopt;
  Recipe asked;
  asked.method = method;
  const std::string key = recipe_to_json(asked).at("method").dump();
  const auto known = estimates_.find(key);
  return known != estimates_.end() ? known->second : estimates_.emplace(key, computeFor(method)).first->second;
}

Estimate ProjectFacts::computeFor(const MethodOptions& method) const {
  const Recipe& recipe = document_.lenient();
  Estimate estimate;
  std::int64_t tokens = recipe.data.max_tokens;
  if (data_ && data_->lengths.longest > 0) tokens = std::min(tokens, data_->lengths.longest);
  TrainingOptions training = recipe.training;
  if (data_ && data_->train_rows > 0) training.batch_size = std::min(training.batch_size, data_->train_rows);
  estimate.memory = estimate_memory(*model_, method, training, batch_content(recipe, tokens));
  estimate.total = model_->total_parameters;
  estimate.trainable = trainable_parameters(*model_, method);
  if (data_ && data_->train_rows > 0) {
    const std::int64_t rows = recipe.training.batch_size * recipe.training.gradient_accumulation;
    const double perEpoch = std::ceil(double(data_->train_rows) / double(std::max<std::int64_t>(rows, 1)));
    estimate.steps = recipe.training.max_steps > 0 ? recipe.training.max_steps
                                                   : std::int64_t(std::ceil(perEpoch * recipe.training.epochs));
  }
  // Two checkpoints (the previous is kept while the next is written) of weights that change and two moments each, and
  // the exports.
  const std::uint64_t changing = std::uint64_t(estimate.trainable) * 4;
  estimate.disk_bytes = 2 * 3 * changing;
  for (const ExportOptions& wanted : recipe.exports)
    estimate.disk_bytes += std::uint64_t(double(wanted.format == "peft" ? estimate.trainable : estimate.total) *
                                         bytes_of_number(wanted.precision));
  std::error_code ignored;
  estimate.disk_free_bytes = free_space_bytes(luthier_home());
  const Memory memory = memoryNow();
  estimate.memory_available_bytes = memory.available_here_bytes;
  estimate.memory_total_bytes = std::min(memory.total_bytes, memory.limit_bytes.value_or(memory.total_bytes));
  return estimate;
}

void ProjectFacts::computeEstimate() {
  const bool there = estimate_.has_value();
  try {
    estimate_ = document_.isOpen() ? estimateFor(document_.lenient().method) : std::nullopt;
  } catch (const Error&) {
    estimate_.reset();  // the recipe's problems say why
  }
  if (there || estimate_) Q_EMIT estimateChanged();
}

void ProjectFacts::setPreflight(const Json& result) {
  preflight_ = result;
  preflightAt_ = double(QDateTime::currentSecsSinceEpoch());
  preflightStale_ = false;
  Q_EMIT preflightChanged();
}

}  // namespace luthier
