#pragma once
// `luthier-cli serve` as a child of the window: started for a run, asked over HTTP on the loopback address, ended with
// the page or the window.
#include <QNetworkAccessManager>
#include <QObject>
#include <QPointer>
#include <QProcess>
#include <QUrl>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>

#include "jobs/error_text.h"

class QNetworkReply;

namespace luthier {

class ModelServer : public QObject {
  Q_OBJECT
 public:
  explicit ModelServer(QObject* parent = nullptr);
  ~ModelServer() override;

  enum class State { off, starting, ready, failed };
  State state() const { return state_; }
  QString run() const { return run_; }
  /// classification, causal_lm, tagging, masked_lm; "" before it is ready.
  QString kind() const { return kind_; }
  bool hasBase() const { return hasBase_; }
  /// Whether it was trained on conversations: then what is asked is written with its chat template.
  bool chats() const { return chats_; }
  const std::optional<ErrorText>& error() const { return error_; }

  /// Starts a server for this run, with its base model, unless one runs for it already.
  void serve(const QString& run);
  void stop();

  /// Posts JSON; `done` gets the answer, or null and the error.
  void post(const QString& path, const nlohmann::json& body,
            std::function<void(const nlohmann::json& answer, const std::optional<ErrorText>& error)> done);
  /// Posts and reads server-sent events; `piece` gets each event, `done` is called once. Deleting or aborting the reply
  /// ends the generation.
  QNetworkReply* stream(const QString& path, const nlohmann::json& body,
                        std::function<void(const nlohmann::json& event)> piece,
                        std::function<void(const std::optional<ErrorText>& error)> done);

 Q_SIGNALS:
  void stateChanged();

 private:
  void readLine();
  void setState(State state);
  QNetworkReply* send(const QString& path, const nlohmann::json& body);
  QPointer<QProcess> process_;
  QNetworkAccessManager network_;
  State state_ = State::off;
  QString run_, kind_;
  QUrl url_;
  bool hasBase_ = false, chats_ = false;
  std::optional<ErrorText> error_;
};

}  // namespace luthier
