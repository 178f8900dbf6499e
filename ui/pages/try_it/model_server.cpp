#include "pages/try_it/model_server.h"

#include <QCoreApplication>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QTimer>
#include <memory>

#include "jobs/job.h"

namespace luthier {

namespace {
constexpr int kEndMilliseconds = 2000;  // that a server which is no longer wanted may take to end

Json parse(const QByteArray& text) {
  Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  return json.is_discarded() ? Json() : json;
}

/// The error of an answer that is not what was asked for.
ErrorText errorOf(const Json& json, const QString& otherwise) {
  ErrorText text{QObject::tr("The model could not answer"), otherwise, {}, {}, "io"};
  const Json error = json.is_object() ? json.value("error", Json()) : Json();
  if (!error.is_object()) return text;
  const auto part = [&](const char* key) {
    return error.contains(key) && error[key].is_string() ? QString::fromStdString(error[key].get<std::string>())
                                                         : QString();
  };
  text.what = part("message");
  text.doThis = part("hint");
  return text;
}
}  // namespace

ModelServer::ModelServer(QObject* parent) : QObject(parent) {}

ModelServer::~ModelServer() { stop(); }

void ModelServer::setState(State state) {
  state_ = state;
  Q_EMIT stateChanged();
}

void ModelServer::serve(const QString& run) {
  if (run_ == run && (state_ == State::starting || state_ == State::ready)) return;
  stop();
  run_ = run;
  error_.reset();
  kind_.clear();
  auto* process = new QProcess(this);
  process_ = process;
  connect(process, &QProcess::readyReadStandardOutput, this, &ModelServer::readLine);
  connect(process, &QProcess::errorOccurred, this, [this, process](QProcess::ProcessError error) {
    if (process != process_ || error != QProcess::FailedToStart) return;
    error_ = ErrorText{tr("The model could not be opened"), process->errorString(), {}, {}, "io"};
    setState(State::failed);
  });
  connect(process, &QProcess::finished, this, [this, process] {
    if (process != process_) return;
    readLine();
    if (!error_)
      error_ = ErrorText{tr("The model's process has ended"),
                         QString::fromUtf8(process->readAllStandardError()).trimmed(),
                         {},
                         tr("Open it again."),
                         "io"};
    setState(State::failed);
  });
  // With the window gone, standard input closes and the server ends.
  process->start(cliProgram(), {"serve", run, "--base", "--json", "--until-stdin-closes"});
  setState(State::starting);
}

void ModelServer::stop() {
  if (QProcess* process = process_) {
    process_ = nullptr;
    process->disconnect(this);
    // It may take a moment to end; nobody waits for it.
    process->setParent(QCoreApplication::instance());
    connect(process, &QProcess::finished, process, &QObject::deleteLater);
    process->closeWriteChannel();
    process->terminate();
    if (process->state() == QProcess::NotRunning) process->deleteLater();
    QTimer::singleShot(kEndMilliseconds, process, &QProcess::kill);
  }
  run_.clear();
  state_ = State::off;
}

void ModelServer::readLine() {
  while (process_ && process_->canReadLine()) {
    const Json json = parse(process_->readLine());
    if (!json.is_object()) continue;
    if (json.contains("error")) {
      error_ = errorOf(json, {});
      error_->title = tr("The model could not be opened");
      continue;
    }
    if (!json.contains("url")) continue;
    url_ = QUrl(QString::fromStdString(json.value("url", std::string())));
    kind_ = QString::fromStdString(json.value("kind", std::string()));
    chats_ = json.value("chat", false);
    hasBase_ = false;
    for (const Json& model : json.value("models", Json::array())) hasBase_ |= model == "base";
    setState(State::ready);
  }
}

QNetworkReply* ModelServer::send(const QString& path, const Json& body) {
  QNetworkRequest request(url_.resolved(QUrl(path)));
  request.setHeader(QNetworkRequest::ContentTypeHeader, "application/json");
  request.setTransferTimeout(120000);
  return network_.post(request, QByteArray::fromStdString(body.dump(-1, ' ', false, Json::error_handler_t::replace)));
}

void ModelServer::post(const QString& path, const Json& body,
                       std::function<void(const Json&, const std::optional<ErrorText>&)> done) {
  QNetworkReply* reply = send(path, body);
  connect(reply, &QNetworkReply::finished, this, [reply, done = std::move(done)] {
    reply->deleteLater();
    const Json json = parse(reply->readAll());
    if (reply->error() == QNetworkReply::OperationCanceledError) return;
    if (reply->error() != QNetworkReply::NoError) return done(Json(), errorOf(json, reply->errorString()));
    done(json, std::nullopt);
  });
}

QNetworkReply* ModelServer::stream(const QString& path, const Json& body, std::function<void(const Json&)> piece,
                                   std::function<void(const std::optional<ErrorText>&)> done) {
  QNetworkReply* reply = send(path, body);
  const auto failed = std::make_shared<std::optional<ErrorText>>();
  const auto read = [reply, piece = std::move(piece), failed] {
    while (reply->canReadLine()) {
      const QByteArray line = reply->readLine().trimmed();
      if (!line.startsWith("data: ") || line == "data: [DONE]") continue;
      const Json json = parse(line.mid(6));
      if (json.is_object() && json.contains("error"))
        *failed = errorOf(json, {});
      else if (json.is_object())
        piece(json);
    }
  };
  connect(reply, &QNetworkReply::readyRead, this, [reply, read] {
    if (reply->error() == QNetworkReply::NoError) read();
  });
  connect(reply, &QNetworkReply::finished, this, [reply, read, failed, done = std::move(done)] {
    reply->deleteLater();
    if (reply->error() == QNetworkReply::NoError) read();
    if (reply->error() == QNetworkReply::OperationCanceledError) return done(std::nullopt);
    if (reply->error() != QNetworkReply::NoError && !*failed)
      *failed = errorOf(parse(reply->readAll()), reply->errorString());
    done(*failed);
  });
  return reply;
}

}  // namespace luthier
