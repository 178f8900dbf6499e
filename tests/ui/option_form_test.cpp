// Option forms: every option of every catalog entry appears, takes a value through its widgets and gives it back as the
// recipe reads it; search, levels, problems, keys.
#include "forms/option_form.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalSpy>
#include <QSlider>
#include <QWheelEvent>

#include "forms/field_text.h"
#include "forms/option_editor.h"
#include "forms/slider_stops.h"
#include "recipe/catalog.h"
#include "recipe/recipe.h"
#include "shell/settings.h"
#include "support/window.h"
#include "widgets/controls.h"

using namespace luthier;
using luthier::testing::child;

namespace {

void setAt(Json& document, const QString& path, const Json& value) {
  Json* at = &document;
  for (const QString& key : path.split('.')) at = &(*at)[key.toStdString()];
  *at = value;
}

void type(QLineEdit* field, const QString& text) {
  field->selectAll();
  QTest::keyClick(field, Qt::Key_Delete);
  QTest::keyClicks(field, text);
}

void choose(QComboBox* list, const QString& id) {
  const int index = list->findData(id);
  list->setCurrentIndex(index);
  Q_EMIT list->activated(index);
}

/// Another value than the default, entered with the widgets of the option's editor; what it should come out as.
Json enterAnother(OptionEditor& editor, const OptionSpec& spec) {
  const Json before = Json::parse(spec.default_json);
  auto* line = qobject_cast<QLineEdit*>(editor.field());
  const std::string& type_ = spec.type;
  if (type_ == "boolean" || type_ == "group") {
    QTest::mouseClick(editor.field(), Qt::LeftButton);
    return type_ == "group" ? Json::object() : Json(!before.get<bool>());
  }
  if (type_ == "integer" || type_ == "number") {
    double other = before.get<double>() + (type_ == "integer" ? 1 : 0.25);
    if (other > spec.info.max) other = spec.info.min;
    type(line, exactNumberText(other));
    return numberJson(other);
  }
  if (type_ == "choice") {
    const std::string other =
        spec.choices.front() == before.get<std::string>() ? spec.choices.back() : spec.choices.front();
    if (auto* segments = qobject_cast<SegmentedControl*>(editor.field()))
      QTest::mouseClick(segments, Qt::LeftButton, {}, segments->segmentRect(QString::fromStdString(other)).center());
    else
      choose(qobject_cast<QComboBox*>(editor.field()), QString::fromStdString(other));
    return other;
  }
  if (type_ == "text") {
    type(line, "some, text \"x\"");
    return "some, text \"x\"";
  }
  if (type_ == "texts" || type_ == "text_or_list") {
    type(line, "q_proj, \"a, b\"");
    return Json::array({"q_proj", "a, b"});
  }
  if (type_ == "how_often") {
    type(line, "7");
    choose(editor.findChild<QComboBox*>(), "minute");
    return {{"value", 7}, {"unit", "minute"}};
  }
  const QString name = editor.field()->objectName();
  QTest::mouseClick(editor.findChild<QPushButton*>(name + ".add"), Qt::LeftButton);
  type(editor.findChild<QLineEdit*>(name + ".name.0"), "layer.0");
  const bool numbers = type_ == "numbers_by_name";
  type(editor.findChild<QLineEdit*>(name + ".value.0"), numbers ? "3" : "column");
  return {{"layer.0", numbers ? Json(3) : Json("column")}};
}

/// Every option of a struct once, and of what it is in.
void countOptions(const std::vector<OptionSpec>& specs, const QString& prefix, QStringList& paths) {
  for (const OptionSpec& spec : specs) {
    const QString path = prefix + "." + QString::fromStdString(spec.info.key);
    if (spec.type != "group" || spec.default_json == "null") paths << path;
    countOptions(spec.children, path, paths);
  }
}

struct Struct {
  QString name;
  std::vector<OptionSpec> specs;
};

std::vector<Struct> everyStruct() {
  std::vector<Struct> all = {{"model", option_specs<ModelOptions>()},
                             {"data", option_specs<DataOptions>()},
                             {"training", option_specs<TrainingOptions>()},
                             {"export", option_specs<ExportOptions>()},
                             {"settings", option_specs<SettingsOptions>()}};
  for (const ObjectiveEntry& entry : objectives()) all.push_back({"objective", entry.options});
  for (const MethodEntry& entry : methods()) all.push_back({"method", entry.options});
  return all;
}

const OptionSpec* specAt(const std::vector<OptionSpec>& specs, const QStringList& keys) {
  const OptionSpec* found = nullptr;
  const std::vector<OptionSpec>* level = &specs;
  for (const QString& key : keys) {
    for (const OptionSpec& spec : *level)
      if (spec.info.key == key.toStdString()) found = &spec;
    level = &found->children;
  }
  return found;
}

}  // namespace

class OptionFormTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void everyOptionOfEveryCatalogRoundTrips() {
    int options = 0;
    for (const Struct& one : everyStruct()) {
      OptionForm form;
      form.resize(440, 700);
      form.setSections({{one.name, one.name, one.specs}});
      form.levelControl()->setCurrent("advanced");
      form.show();
      Json document = Json::object();
      connect(&form, &OptionForm::edited, &form, [&](const QString& path, const Json& value, const QString&) {
        setAt(document, path, value);
        form.setValues(document);
      });
      QStringList paths;
      countOptions(one.specs, one.name, paths);
      QCOMPARE(form.optionCount(), int(paths.size()));
      int changed = 0;
      for (const QString& path : paths) {
        OptionEditor* editor = form.editor(path);
        QVERIFY2(editor, qPrintable(path));
        const OptionSpec* spec = specAt(one.specs, path.split('.').mid(1));
        QVERIFY2(editor->field()->objectName().startsWith("option."), qPrintable(editor->field()->objectName()));
        QVERIFY2(!editor->field()->accessibleName().isEmpty(), qPrintable(path));
        const Json expected = enterAnother(*editor, *spec);
        QVERIFY2(editor->problem().isEmpty(), qPrintable(path + ": " + editor->problem()));
        const Json* at = &document;
        for (const QString& key : path.split('.')) at = &(*at)[key.toStdString()];
        QVERIFY2(*at == expected, (path.toStdString() + ": " + at->dump() + " is not " + expected.dump()).c_str());
        ++changed;
        ++options;
      }
      QCOMPARE(form.changedCount(), changed);

      // Another form shows the same document, and a reset of each takes it away.
      OptionForm second;
      second.setSections({{one.name, one.name, one.specs}});
      second.setValues(document);
      QCOMPARE(second.changedCount(), changed);
      for (const QString& path : paths) QCOMPARE(second.editor(path)->value(), form.editor(path)->value());
    }
    QVERIFY2(options > 60, qPrintable(QString::number(options)));
  }

  void whatTheFormMakesIsARecipe() {
    OptionForm form;
    form.levelControl()->setCurrent("advanced");
    form.setSections({{"", "training", option_specs<TrainingOptions>()}});
    Json document = {{"training", Json::object()}};
    connect(&form, &OptionForm::edited, &form,
            [&](const QString& path, const Json& value, const QString&) { setAt(document, path, value); });
    type(child<QLineEdit>(form, "option.learning_rate"), "3e-5");
    type(child<QLineEdit>(form, "option.warmup"), "100");
    choose(child<QComboBox>(form, "option.warmup.unit"), "step");
    QTest::mouseClick(child<Switch>(form, "option.early_stopping"), Qt::LeftButton);
    form.setValues(document);
    type(child<QLineEdit>(form, "option.early_stopping.patience"), "5");
    TrainingOptions read;
    std::vector<Problem> problems;
    read_options(document["training"], "training", read, problems);
    QCOMPARE(problems.size(), std::size_t(0));
    QCOMPARE(read.learning_rate, 3e-5);
    QVERIFY((read.warmup == HowOften{100, "step"}));
    QVERIFY(read.early_stopping);
    QCOMPARE(read.early_stopping->patience, 5);
  }

  void aValueOutOfRangeIsNamedBelowTheFieldAndNotTaken() {
    OptionForm form;
    form.setSections({{"", "method", method_entry("lora").options}});
    QSignalSpy edits(&form, &OptionForm::edited);
    auto* rank = child<QLineEdit>(form, "option.rank");
    type(rank, "0");
    QCOMPARE(edits.size(), 0);
    QVERIFY(rank->property("invalid").toBool());
    auto* problem = child<QLabel>(form, "problem.rank");
    QCOMPARE(problem->text(), "Rank is 1 to 4096.");
    QVERIFY(!problem->isHidden());
    QTest::keyClicks(rank, "x");
    QCOMPARE(problem->text(), "Rank is a whole number.");
    QTest::mouseClick(child<QPushButton>(form, "reset.rank"), Qt::LeftButton);
    QCOMPARE(rank->text(), "8");
    QVERIFY(problem->isHidden());
    QVERIFY(!rank->property("invalid").toBool());
  }

  void whatIsBeingTypedIsLeftAlone() {
    OptionForm form;
    form.setSections({{"", "method", method_entry("lora").options}});
    Json document = Json::object();
    connect(&form, &OptionForm::edited, &form, [&](const QString& path, const Json& value, const QString&) {
      setAt(document, path, value);
      form.setValues(document);
    });
    auto* dropout = child<QLineEdit>(form, "option.dropout");
    type(dropout, "0.10");
    QCOMPARE(dropout->text(), "0.10");
    QCOMPARE(document["method"]["dropout"], Json(0.1));
  }

  void simpleShowsLessAndSearchLooksIntoBothLevels() {
    OptionForm form;
    form.resize(440, 700);
    form.setSections({{"Adapter", "method", method_entry("lora").options}});
    form.show();
    QVERIFY(!form.findChild<Switch*>("option.rank_stabilised"));  // made when it is first asked for
    QWidget* stabilised = form.editor("method.rank_stabilised")->field();
    auto* rank = child<QLineEdit>(form, "option.rank");
    QVERIFY(rank->isVisible());
    QVERIFY(!stabilised->isVisible());
    QTest::keyClicks(form.searchEdit(), "stabil");
    QVERIFY(stabilised->isVisible());
    QVERIFY(!rank->isVisible());
    QTest::keyClick(form.searchEdit(), Qt::Key_Escape);
    QVERIFY(rank->isVisible());
    QTest::mouseClick(form.levelControl(), Qt::LeftButton, {}, form.levelControl()->segmentRect("advanced").center());
    QVERIFY(stabilised->isVisible());
    QTest::keyClicks(form.searchEdit(), "nothing like this");
    QVERIFY(!rank->isVisible());
  }

  void optionsOfAGroupAppearWhenItIsSwitchedOn() {
    OptionForm form;
    form.resize(440, 700);
    form.setSections({{"", "training", option_specs<TrainingOptions>()}});
    form.show();
    QWidget* patience = form.editor("training.early_stopping.patience")->field();
    QVERIFY(!patience->isVisible());
    QTest::mouseClick(child<Switch>(form, "option.early_stopping"), Qt::LeftButton);
    QVERIFY(patience->isVisible());
    QTest::mouseClick(child<Switch>(form, "option.early_stopping"), Qt::LeftButton);
    QVERIFY(!patience->isVisible());
  }

  void aConditionHidesAnOption() {
    OptionSpec kind, detail;
    kind.info.key = "kind";
    kind.type = "choice";
    kind.choices = {"a", "b"};
    kind.default_json = "\"a\"";
    detail.info.key = "detail";
    detail.info.shown_when = "kind=b";
    detail.type = "text";
    detail.default_json = "\"\"";
    OptionForm form;
    form.setSections({{"", "x", {kind, detail}}});
    form.show();
    QVERIFY(!form.findChild<QLineEdit*>("option.detail"));
    form.setValues({{"x", {{"kind", "b"}}}});
    QVERIFY(child<QLineEdit>(form, "option.detail")->isVisible());
  }

  void theWheelScrollsTheFormAndChangesNothing() {
    OptionForm form;
    form.resize(440, 200);
    form.setSections({{"", "method", method_entry("lora").options}});
    form.show();
    QSignalSpy edits(&form, &OptionForm::edited);
    auto* slider = child<QSlider>(form, "option.rank.slider");
    slider->clearFocus();
    QWheelEvent wheel(slider->rect().center(), slider->mapToGlobal(slider->rect().center()), {}, {0, 120}, {}, {},
                      Qt::NoScrollPhase, false);
    QApplication::sendEvent(slider, &wheel);
    QCOMPARE(edits.size(), 0);
    slider->setFocus();
    QTest::keyClick(slider, Qt::Key_Right);
    QCOMPARE(child<QLineEdit>(form, "option.rank")->text(), "16");
    QCOMPARE(edits.size(), 1);
  }

  void upAndDownStepANumber() {
    OptionForm form;
    form.setSections({{"", "training", option_specs<TrainingOptions>()}});
    auto* rate = child<QLineEdit>(form, "option.learning_rate");
    QTest::keyClick(rate, Qt::Key_Up);
    QCOMPARE(rate->text(), "3e-4");  // the slider's stops are 1, 2, 3, 5 of each power of ten
    auto* batch = child<QLineEdit>(form, "option.batch_size");
    QTest::keyClick(batch, Qt::Key_Down);
    QCOMPARE(batch->text(), "31");
  }

  void numbersAndListsKeepWhatTheyMean() {
    for (const double value : {2e-4, 0.05, 1e-8, 16.0, 1e15, 0.1 + 0.2, -1.0})
      QCOMPARE(numberFromText(exactNumberText(value)), std::optional<double>(value));
    QCOMPARE(exactNumberText(2e-4), "2e-4");
    QCOMPARE(numberFromText("0,5"), std::optional<double>(0.5));
    for (const char* wrong : {"", "x", "1e", "nan", "inf", "1 2", "1.2.3", "0x10"})
      QVERIFY2(!numberFromText(wrong), wrong);
    for (const QStringList& list : {QStringList{"a", "b"}, {"a,b"}, {"say \"yes\""}, {" x "}, {""}, {"a", "", "b"}})
      QCOMPARE(listFromText(listText(list)).entries, list);
    QVERIFY(!listFromText("\"open").isClosed);
    QCOMPARE(listFromText("a, ,b,").entries, QStringList({"a", "b"}));
  }

  void aListOfOneIsToldFromAText() {
    OptionForm form;
    form.setSections({{"", "method", method_entry("lora").options}});
    OptionEditor* targets = form.editor("method.targets");
    auto* field = qobject_cast<QLineEdit*>(targets->field());
    for (const Json& value : {Json("all-linear"), Json(R"(.*\.[0-3]{1,2}\.query)"), Json::array({"query"}),
                              Json::array({"query", "value"})}) {
      form.setValues({{"method", {{"targets", value}}}});
      const QString shown = field->text();
      type(field, "x");
      type(field, shown);
      QCOMPARE(targets->value(), value);
    }
  }

  void slidersStandAtValuesWithinTheRange() {
    for (const Struct& one : everyStruct())
      for (const OptionSpec& spec : one.specs) {
        const std::vector<double> stops = sliderStops(spec);
        QVERIFY(std::is_sorted(stops.begin(), stops.end()));
        for (const double stop : stops) QVERIFY(stop >= spec.info.min && stop <= spec.info.max);
      }
  }
};

LUTHIER_WINDOW_TEST_MAIN(OptionFormTest)
#include "option_form_test.moc"
