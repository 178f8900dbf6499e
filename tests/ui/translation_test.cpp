// The window in other languages: the German translation is complete, nothing visible escapes translation, and German
// fits where English fits.
#include <QAbstractItemView>
#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QRegularExpression>
#include <QScrollArea>
#include <QSysInfo>
#include <QTabBar>
#include <QTranslator>
#include <QXmlStreamReader>
#include <algorithm>
#include <set>

#include "forms/catalog_text.h"
#include "recipe/advice.h"
#include "recipe/catalog.h"
#include "recipe/recipe.h"
#include "shell/main_window.h"
#include "support/testing.h"
#include "support/window.h"
#include "widgets/basics.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

struct Message {
  QString context, source, type;
  QStringList forms;
};

/// The messages of a .ts file.
QList<Message> messagesOf(const fs::path& file) {
  QList<Message> messages;
  QFile stream(QString::fromStdString(file.string()));
  if (!stream.open(QIODevice::ReadOnly)) return messages;
  QXmlStreamReader xml(&stream);
  QString context;
  while (!xml.atEnd()) {
    if (xml.readNext() != QXmlStreamReader::StartElement) continue;
    if (xml.name() == u"name") context = xml.readElementText();
    if (xml.name() == u"message") messages << Message{context, {}, {}, {}};
    if (xml.name() == u"source") messages.last().source = xml.readElementText();
    if (xml.name() == u"translation") {
      messages.last().type = xml.attributes().value("type").toString();
      QString text;
      while (!(xml.readNext() == QXmlStreamReader::EndElement && xml.name() == u"translation") && !xml.atEnd()) {
        if (xml.isStartElement() && xml.name() == u"numerusform") messages.last().forms << xml.readElementText();
        if (xml.isCharacters()) text += xml.text();
      }
      if (messages.last().forms.isEmpty()) messages.last().forms << text;
    }
  }
  return xml.hasError() ? QList<Message>() : messages;
}

QStringList placeholders(const QString& text) {
  static const QRegularExpression form("%[0-9n]");
  QStringList found;
  for (auto match = form.globalMatch(text); match.hasNext();) found << match.next().captured();
  found.sort();
  return found;
}

/// Every text in accents and 40 % longer: "Start" -> "[Šţåŕţ ~~]". What is read without accents was not translated.
class PseudoTranslator : public QTranslator {
 public:
  bool isEmpty() const override { return false; }
  QString translate(const char*, const char* source, const char*, int) const override {
    static const QString plain = "aceinorstuyACEINORSTUY", accented = "åçéîñöŕšţûýÅÇÉÎÑÖŔŠŢÛÝ";
    QString text = QString::fromUtf8(source);
    const qsizetype more = text.size() * 2 / 5;
    for (qsizetype i = 0; i < text.size(); ++i) {
      if (i > 0 && text[i - 1] == '%') continue;
      if (const qsizetype at = plain.indexOf(text[i]); at >= 0) text[i] = accented[at];
    }
    return "[" + text + " " + QString(more, '~') + "]";
  }
};

/// Translates for as long as it lives.
struct Installed {
  explicit Installed(QTranslator& translator) : translator(translator) { qApp->installTranslator(&translator); }
  ~Installed() { qApp->removeTranslator(&translator); }
  QTranslator& translator;
};

/// The words that no accent is in: three letters or more, one of them a vowel in lower case.
QStringList plainWords(const QString& text) {
  static const QRegularExpression word("[\\p{L}\\p{N}_.\\-/]+"), ascii("^[ -~]*$"), spoken("[a-z]*[aeiou][a-z]*");
  QStringList found;
  for (auto match = word.globalMatch(text); match.hasNext();) {
    const QString one = match.next().captured();
    if (!ascii.match(one).hasMatch()) continue;
    const bool isWord = std::count_if(one.begin(), one.end(), [](QChar c) { return c.isLetter(); }) >= 3;
    if (isWord && spoken.match(one).hasMatch()) found << one;
  }
  return found;
}

/// Everything that a widget says in text of its own.
QStringList textsOf(const QWidget& widget) {
  if (const auto* label = qobject_cast<const ElidedLabel*>(&widget)) return {label->fullText()};
  if (const auto* label = qobject_cast<const QLabel*>(&widget)) return {label->text()};
  if (const auto* button = qobject_cast<const QAbstractButton*>(&widget)) return {button->text()};
  if (const auto* combo = qobject_cast<const QComboBox*>(&widget)) return {combo->currentText()};
  if (const auto* edit = qobject_cast<const QLineEdit*>(&widget)) return {edit->placeholderText()};
  QStringList texts;
  if (const auto* tabs = qobject_cast<const QTabBar*>(&widget))
    for (int i = 0; i < tabs->count(); ++i) texts << tabs->tabText(i);
  if (const auto* header = qobject_cast<const QHeaderView*>(&widget); header && header->model())
    for (int i = 0; i < header->count(); ++i) texts << header->model()->headerData(i, header->orientation()).toString();
  return texts;
}

/// Words of the project that is open: names of its files, columns, labels and model, and of what is never translated.
const QStringList kData = {"classify-text", "train.csv", "validation.csv", "test.csv", "encoder",
                           "Llama",         "float16",   "WordPiece",      "ResNet",   "Wav2Vec2"};

/// Findings come from the core as whole sentences about the data, in English.
bool isFinding(const QWidget& widget) {
  for (const QWidget* one = &widget; one; one = one->parentWidget())
    if (one->objectName().startsWith("finding.") || one->objectName().startsWith("modelCheck.")) return true;
  return false;
}

const Step kSteps[] = {Step::home,  Step::data,  Step::model,   Step::method, Step::preflight,
                       Step::train, Step::tryIt, Step::exports, Step::runs,   Step::settings};

}  // namespace

class TranslationTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void everyMessageIsTranslated_data();
  void everyMessageIsTranslated();
  void everyTextOfTheCatalogsIsTranslated();
  void pluralsAreRight();
  void everyVisibleTextIsTranslated();
  void germanFits_data();
  void germanFits();

 private:
  void openWindow(QSize size);
  void pages(const QString& prefix, const std::function<void(const QString& page)>& check);
  QTranslator german_;
  std::unique_ptr<WindowFixture> fixture_;
  std::unique_ptr<MainWindow> window_;
};

void TranslationTest::initTestCase() { QVERIFY(german_.load("luthier_de", ":/luthier/i18n")); }

void TranslationTest::everyMessageIsTranslated_data() {
  QTest::addColumn<QString>("file");
  QTest::addColumn<int>("atLeast");
  QTest::newRow("window, German") << "luthier_de.ts" << 900;
  QTest::newRow("catalogs, German") << "catalog_de.ts" << 150;
  QTest::newRow("plurals, English") << "luthier_en.ts" << 5;
}

void TranslationTest::everyMessageIsTranslated() {
  QFETCH(const QString, file);
  QFETCH(const int, atLeast);
  const QList<Message> messages = messagesOf(source_folder() / "resources/i18n" / file.toStdString());
  QVERIFY(messages.size() >= atLeast);
  for (const Message& message : messages) {
    const QByteArray what = (message.context + ": " + message.source).toUtf8();
    QVERIFY2(message.type.isEmpty(), what.constData());
    QVERIFY2(message.forms.size() == (message.source.contains("%n") ? 2 : 1), what.constData());
    for (const QString& form : message.forms) {
      QVERIFY2(!form.trimmed().isEmpty(), what.constData());
      QVERIFY2(placeholders(form) == placeholders(message.source), what.constData());
      QVERIFY2(form.startsWith(' ') == message.source.startsWith(' '), what.constData());
      QVERIFY2(form.endsWith(' ') == message.source.endsWith(' '), what.constData());
    }
  }
}

void TranslationTest::everyTextOfTheCatalogsIsTranslated() {
  std::set<std::string> texts;
  const std::function<void(const std::vector<OptionSpec>&)> collect = [&](const std::vector<OptionSpec>& specs) {
    for (const OptionSpec& spec : specs) {
      texts.insert({spec.info.label, spec.info.help, spec.info.unit});
      collect(spec.children);
    }
  };
  const auto add = [&](const auto& entries) {
    for (const auto& entry : entries) texts.insert({entry.label, entry.help});
  };
  add(families());
  add(objectives());
  add(methods());
  add(metrics());
  add(exporters());
  for (const auto& entry : objectives()) collect(entry.options);
  for (const auto& entry : methods()) collect(entry.options);
  collect(option_specs<ModelOptions>());
  collect(option_specs<DataOptions>());
  collect(option_specs<TrainingOptions>());
  collect(option_specs<ExportOptions>());
  collect(option_specs<SettingsOptions>());
  collect(option_specs<AdaptationOptions>());
  for (const std::string& text : advice_texts()) texts.insert(text);
  texts.erase("");
  QVERIFY(texts.size() > 100);
  QStringList missing;
  for (const std::string& text : texts)
    if (german_.translate("Catalog", text.c_str()).isEmpty()) missing << QString::fromStdString(text);
  QVERIFY2(missing.isEmpty(), qPrintable(missing.join("\n")));

  Installed installed(german_);
  QCOMPARE(catalogText("Learning rate"), QString("Lernrate"));
  QCOMPARE(choiceText("cosine"), QString("Kosinus"));
  QCOMPARE(inSentence(catalogText("Loss")), QString("Verlust"));  // nouns keep their capital
}

void TranslationTest::pluralsAreRight() {
  QCOMPARE(inSentence(catalogText("Loss")), QString("loss"));
  const auto runs = [](int n) { return QCoreApplication::translate("luthier::RunsPage", "%n runs", nullptr, n); };
  QTranslator english;
  QVERIFY(english.load("luthier_en", ":/luthier/i18n"));
  {
    Installed installed(english);
    QCOMPARE(runs(1), QString("1 run"));
    QCOMPARE(runs(2), QString("2 runs"));
  }
  Installed installed(german_);
  QCOMPARE(runs(1), QString("1 Lauf"));
  QCOMPARE(runs(0), QString("0 Läufe"));
}

void TranslationTest::openWindow(QSize size) {
  window_.reset();
  fixture_ = std::make_unique<WindowFixture>();
  window_ = std::make_unique<MainWindow>(fixture_->home);
  window_->resize(size);
  window_->show();
  QVERIFY(QTest::qWaitForWindowExposed(window_.get()));
  const fs::path copy = fixture_->folder.filePath("classify").toStdString();
  fs::copy(source_folder() / "resources/starters/classify-text", copy, fs::copy_options::recursive);
  window_->openPath(QString::fromStdString(copy.string()));
  ProjectFacts& facts = window_->workbench().facts;
  QTRY_VERIFY_WITH_TIMEOUT(facts.data() && facts.model() && facts.estimate(), 30000);
}

void TranslationTest::pages(const QString& prefix, const std::function<void(const QString&)>& check) {
  for (const Step step : kSteps) {
    window_->goTo(step);
    QTest::qWait(300);  // filled after it is shown, and laid out once more
    const QString name = QString("%1-%2").arg(prefix).arg(int(step));
    grabTo(*window_, name);
    check(name);
  }
  window_.reset();
  fixture_.reset();
}

void TranslationTest::everyVisibleTextIsTranslated() {
  PseudoTranslator pseudo;
  Installed installed(pseudo);
  openWindow({1440, 900});
  const QRegularExpression home(QRegularExpression::escape(fixture_->folder.path()) + "\\S*");
  QStringList plain;
  int seen = 0;
  pages("pseudo", [&](const QString& page) {
    for (const QWidget* widget : window_->findChildren<QWidget*>()) {
      if (!widget->isVisible() || isFinding(*widget)) continue;
      for (QString text : textsOf(*widget)) {
        text.remove(home).remove(QSysInfo::prettyProductName()).remove(QSysInfo::kernelType());
        seen += !text.isEmpty();
        for (const QString& word : plainWords(text))
          if (!kData.contains(word))
            plain << QString("%1: %2 in \"%3\" (%4 in %5)")
                         .arg(page, word, text.left(80), widget->objectName(), widget->parentWidget()->objectName());
      }
    }
  });
  plain.removeDuplicates();
  QVERIFY(seen > 300);
  QVERIFY2(plain.isEmpty(), qPrintable(plain.join("\n")));
}

void TranslationTest::germanFits_data() {
  QTest::addColumn<QSize>("size");
  QTest::newRow("1440 x 900") << QSize(1440, 900);
  QTest::newRow("1180 x 720") << QSize(1180, 720);
}

void TranslationTest::germanFits() {
  QFETCH(const QSize, size);
  Installed installed(german_);
  openWindow(size);
  const QFontMetrics metrics(font(TextStyle::label));
  for (const char* name : {"step.data", "step.model", "step.method", "step.preflight", "step.train", "step.try",
                           "step.export", "step.runs", "step.settings"}) {
    const auto* item = child<QWidget>(*window_, name);
    const QString text = item->accessibleName().section(',', 0, 0);
    QVERIFY2(metrics.horizontalAdvance(text) <= item->width() - 60, qPrintable(text));  // icon before, state behind
  }
  QStringList cut;
  const auto leavesItsPlace = [](const QWidget* label) {
    for (const QWidget* one = label; one->parentWidget() && !one->isWindow(); one = one->parentWidget()) {
      const auto* area = qobject_cast<const QAbstractScrollArea*>(one->parentWidget()->parentWidget());
      if (area && area->horizontalScrollBarPolicy() != Qt::ScrollBarAlwaysOff) return false;
      const int right = label->mapTo(one->parentWidget(), QPoint(label->width(), 0)).x();
      if (right > one->parentWidget()->width() + 1) return true;
    }
    return false;
  };
  pages(QString("german-%1").arg(size.width()), [&](const QString& page) {
    for (const QLabel* label : window_->findChildren<QLabel*>()) {
      if (!label->isVisible() || label->text().isEmpty() || qobject_cast<const ElidedLabel*>(label)) continue;
      const bool narrow = !label->wordWrap() && label->width() + 1 < label->sizeHint().width();
      const bool low = label->wordWrap() && label->height() + 1 < label->heightForWidth(label->width());
      if (narrow || low || leavesItsPlace(label))
        cut << page + ": " + label->objectName() + " \"" + label->text().left(60) + "\"";
    }
    for (const QAbstractButton* button : window_->findChildren<QAbstractButton*>())
      if (button->isVisible() && !button->text().isEmpty() && button->width() + 1 < button->minimumSizeHint().width())
        cut << page + ": button \"" + button->text() + "\"";
  });
  cut.removeDuplicates();
  QVERIFY2(cut.isEmpty(), qPrintable(cut.join("\n")));
}

LUTHIER_WINDOW_TEST_MAIN(TranslationTest)
#include "translation_test.moc"
