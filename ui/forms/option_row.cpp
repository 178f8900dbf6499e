#include "forms/option_row.h"

#include <QGridLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QPushButton>
#include <QToolTip>
#include <cmath>

#include "forms/catalog_text.h"
#include "forms/field_text.h"
#include "forms/option_editor.h"

namespace luthier {

namespace {
constexpr int kOptionHeight = 34, kLabelWidth = 98, kDotRoom = 10, kIndent = 12;
/// The field grows with the text, the slider beside it does not.
constexpr int kFieldWidth = 64, kSliderWidth = 94;
enum RowColumn { dot, name, editor, effect, reset };

/// What stands at the right before anybody tells more: unit or range.
QString plainEffect(const OptionSpec& spec, bool withUnit) {
  if (withUnit && !spec.info.unit.empty()) return catalogText(spec.info.unit);
  const bool isShare = spec.type == "number" && spec.info.min >= 0 && spec.info.max <= 1;
  if (!isShare) return {};
  return OptionRow::tr("%1 to %2").arg(exactNumberText(spec.info.min), exactNumberText(spec.info.max));
}
}  // namespace

bool isChanged(const OptionSpec& spec, const Json& value) {
  const Json standard = Json::parse(spec.default_json);
  return spec.type == "group" ? value.is_null() != standard.is_null() : value != standard;
}

OptionRow::OptionRow(const OptionSpec& spec, const QString& path, const QString& name, int depth, QWidget* parent)
    : QWidget(parent), spec_(spec), path_(path), default_(Json::parse(spec.default_json)), depth_(depth) {
  auto* grid = new QGridLayout(this);
  grid->setContentsMargins(0, 3, 0, 3);
  grid->setHorizontalSpacing(8);
  grid->setVerticalSpacing(2);
  label_ = makeText(label(), TextStyle::body, "");
  editor_ = makeEditor(spec, name);
  label_->setBuddy(editor_->field());
  label_->setToolTip(catalogText(spec.info.help));
  effect_ = new ElidedLabel(plainEffect(spec, editor_->leavesUnit()));
  effect_->setProperty("tone", "tertiary");
  effect_->setObjectName("effect." + name);
  effect_->setMinimumWidth(1);  // the first to give way where text is large and the window small
  reset_ = makeIconButton("reset", tr("Set %1 back to its default").arg(label()), "reset." + name);
  QSizePolicy kept = reset_->sizePolicy();
  kept.setRetainSizeWhenHidden(true);
  reset_->setSizePolicy(kept);
  problem_ = makeText({}, TextStyle::small, "error");
  problem_->setObjectName("problem." + name);
  problem_->hide();

  const bool wide = editor_->isWide();
  const Qt::Alignment height = spec.type.ends_with("_by_name") ? Qt::AlignTop : Qt::AlignVCenter;
  grid->addWidget(label_, 0, RowColumn::name, height);
  grid->addWidget(editor_, 0, RowColumn::editor, 1, wide ? 2 : 1);
  if (wide)
    effect_->hide();
  else
    grid->addWidget(effect_, 0, RowColumn::effect);
  grid->addWidget(reset_, 0, RowColumn::reset, height);
  grid->addWidget(problem_, 1, RowColumn::editor, 1, 2);
  grid->setColumnStretch(RowColumn::effect, 1);
  if (wide) effect_->setParent(this);

  editor_->field()->installEventFilter(this);
  connect(editor_, &OptionEditor::edited, this, [this] {
    updateChanged();
    Q_EMIT edited(editor_->value());
  });
  connect(editor_, &OptionEditor::problemChanged, this, [this](const QString& problem) {
    problem_->setText(problem);
    problem_->setVisible(!problem.isEmpty());
    reset_->setVisible(changed_ || !problem.isEmpty());
  });
  connect(reset_, &QPushButton::clicked, this, [this] {
    editor_->setValue(default_, true);
    updateChanged();
    editor_->field()->setFocus();
    Q_EMIT edited(Json());
  });
  connect(&theme(), &Theme::changed, this, &OptionRow::applySizes);
  applySizes();
  reset_->hide();
  updateChanged();
}

QString OptionRow::label() const { return catalogText(spec_.info.label); }

void OptionRow::applySizes() {
  setMinimumHeight(scaled(kOptionHeight));
  auto* grid = static_cast<QGridLayout*>(layout());
  const int indent = scaled(kIndent) * depth_;
  grid->setColumnMinimumWidth(RowColumn::dot, kDotRoom + indent);
  label_->setFixedWidth(scaled(kLabelWidth) - indent);
  const int editorWidth = scaled(kFieldWidth) + kSliderWidth;
  grid->setColumnMinimumWidth(RowColumn::editor, editorWidth);
  // A slider takes what there is; choices have a width of their own.
  if (spec_.type == "integer" || spec_.type == "number") editor_->setMaximumWidth(editorWidth);
  effect_->setFont(luthier::font(TextStyle::caption));
}

void OptionRow::setValue(const Json& value) {
  editor_->setValue(value);
  updateChanged();
}

void OptionRow::updateChanged() {
  const bool changed = luthier::isChanged(spec_, editor_->value());
  reset_->setVisible(changed || !editor_->problem().isEmpty());
  if (changed == changed_) return;
  changed_ = changed;
  editor_->field()->setAccessibleName(changed ? tr("%1, changed").arg(label()) : label());
  update();
}

void OptionRow::setEffect(const QString& text) {
  effect_->setFullText(text.isEmpty() ? plainEffect(spec_, editor_->leavesUnit()) : text);
}

bool OptionRow::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_F1) {
    auto* field = static_cast<QWidget*>(watched);
    QToolTip::showText(field->mapToGlobal(QPoint(0, field->height() + 2)), catalogText(spec_.info.help), field);
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

void OptionRow::paintEvent(QPaintEvent*) {
  if (!changed_) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(tokens().accent);
  const int middle = label_->geometry().center().y();
  painter.drawEllipse(QPointF(label_->x() - 6.5, middle + 0.5), 2.5, 2.5);
}

}  // namespace luthier
