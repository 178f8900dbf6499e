#include "shell/step_rail.h"

#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QTimerEvent>

#include "forms/catalog_text.h"
#include "recipe/catalog.h"

namespace luthier {

RailItem::RailItem(Step step, const QString& iconName, const QString& text, bool hasState, QWidget* parent)
    : QWidget(parent), step_(step), icon_(iconName), text_(text), hasState_(hasState) {
  setCursor(Qt::PointingHandCursor);
  setAttribute(Qt::WA_Hover);
  name();
}

QSize RailItem::sizeHint() const { return {scaled(192), scaled(30)}; }

void RailItem::name() {
  setAccessibleName(hasState_ ? text_ + ", " + stateName(state_) : text_);
  update();
}

void RailItem::setState(StateKind state) {
  const bool turning = timer_ != 0;
  if (state == state_ && turning == (state == StateKind::running && !theme().look().reducedMotion)) return;
  state_ = state;
  const bool turns = state == StateKind::running && !theme().look().reducedMotion;
  if (turns && !timer_) timer_ = startTimer(60);
  if (!turns && timer_) {
    killTimer(timer_);
    timer_ = 0;
  }
  name();
}

void RailItem::setSelected(bool selected) {
  if (selected == selected_) return;
  selected_ = selected;
  update();
}

void RailItem::setReady(bool ready) {
  if (ready == ready_) return;
  ready_ = ready;
  update();
}

void RailItem::timerEvent(QTimerEvent*) {
  turn_ += 60 / 1200.0;
  update();
}

void RailItem::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) Q_EMIT chosen();
}

void RailItem::paintEvent(QPaintEvent*) {
  const Tokens& t = tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  if (selected_ || underMouse()) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(selected_ ? t.fillStrong : t.fill);
    painter.drawRoundedRect(rect(), 6, 6);
  }
  const QColor text = selected_ ? t.textPrimary : ready_ ? t.textSecondary : t.textDisabled;
  const int middle = height() / 2;
  painter.drawPixmap(8, middle - 8, iconPixmap(icon_, text, 16, devicePixelRatioF()));
  painter.setFont(luthier::font(TextStyle::label));
  painter.setPen(text);
  painter.drawText(QRect(33, 0, width() - 60, height()), Qt::AlignVCenter | Qt::AlignLeft, text_);
  if (hasState_) paintState(painter, QRectF(width() - 24, middle - 8, 16, 16), state_, turn_);
  if (selected_ && parentWidget()->hasFocus() && window()->property("keyboardFocus").toBool()) {
    painter.setPen(QPen(t.accent, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 6, 6);
  }
}

StepRail::StepRail(Workbench& workbench, QWidget* parent) : QWidget(parent), workbench_(workbench) {
  setObjectName("stepRail");
  setAccessibleName(tr("Steps"));
  setFocusPolicy(Qt::StrongFocus);
  setFixedWidth(scaled(208));
  auto* column = makeColumn(0, this);
  column->setContentsMargins(8, 8, 8, 8);

  switcher_ = new QPushButton;
  switcher_->setObjectName("projectSwitcher");
  switcher_->setAccessibleName(tr("Project"));
  switcher_->setProperty("kind", "switcher");
  auto* inside = makeRow(8, switcher_);
  inside->setContentsMargins(10, 0, 10, 0);
  auto* mark = makeLabel("ƒ", TextStyle::heading);
  mark->setAttribute(Qt::WA_TransparentForMouseEvents);
  inside->addWidget(mark);
  auto* names = makeColumn(0);
  project_ = new ElidedLabel;
  QFont bold = luthier::font(TextStyle::label);
  bold.setWeight(QFont::DemiBold);
  project_->setFont(bold);
  task_ = new ElidedLabel;
  task_->setFont(luthier::font(TextStyle::caption));
  task_->setProperty("tone", "secondary");
  for (QLabel* label : {static_cast<QLabel*>(project_), static_cast<QLabel*>(task_)})
    label->setAttribute(Qt::WA_TransparentForMouseEvents);
  names->addStretch(1);
  names->addWidget(project_);
  names->addWidget(task_);
  names->addStretch(1);
  inside->addLayout(names, 1);
  auto* arrows = new QLabel;
  arrows->setAttribute(Qt::WA_TransparentForMouseEvents);
  arrows->setPixmap(iconPixmap("ud", tokens().textSecondary, 16, devicePixelRatioF()));
  connect(&theme(), &Theme::changed, arrows, [this, arrows] {
    arrows->setPixmap(iconPixmap("ud", tokens().textSecondary, 16, devicePixelRatioF()));
    setFixedWidth(scaled(208));
  });
  inside->addWidget(arrows);
  column->addWidget(switcher_);
  column->addSpacing(8);
  connect(switcher_, &QPushButton::clicked, this, &StepRail::fillSwitcher);

  const struct {
    Step step;
    const char* icon;
    QString text;
    const char* name;
    bool state;
  } rows[] = {{Step::data, "data", tr("Data"), "step.data", true},
              {Step::model, "model", tr("Model"), "step.model", true},
              {Step::method, "method", tr("Method"), "step.method", true},
              {Step::preflight, "pre", tr("Preflight"), "step.preflight", true},
              {Step::train, "train", tr("Train"), "step.train", true},
              {Step::tryIt, "try", tr("Try it"), "step.try", true},
              {Step::exports, "export", tr("Export"), "step.export", true},
              {Step::runs, "runs", tr("Runs"), "step.runs", false},
              {Step::settings, "set", tr("Settings"), "step.settings", false}};
  for (const auto& row : rows) {
    if (row.step == Step::runs) {
      column->addSpacing(10);
      column->addWidget(makeLine());
      column->addSpacing(10);
    }
    auto* item = new RailItem(row.step, row.icon, row.text, row.state, this);
    item->setObjectName(row.name);
    connect(item, &RailItem::chosen, this, [this, item] { Q_EMIT chosen(item->step()); });
    items_ << item;
    column->addWidget(item);
  }
  column->addStretch(1);
  auto* find = makeButton({}, "findButton", "quiet");
  find->setAccessibleName(tr("Find anything"));
  auto* findRow = makeRow(8, find);
  findRow->setContentsMargins(8, 0, 8, 0);
  auto* glass = new QLabel;
  const auto draw = [this, glass] {
    glass->setPixmap(iconPixmap("search", tokens().textSecondary, 16, devicePixelRatioF()));
  };
  draw();
  connect(&theme(), &Theme::changed, glass, draw);
  QLabel* text = makeLabel(tr("Find anything"), TextStyle::small, "secondary");
  QLabel* keys = makeLabel(tr("Ctrl K"), TextStyle::monoCaption, "secondary");
  keys->setProperty("chip", "outline");
  keys->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
  for (QLabel* label : {glass, text, keys}) label->setAttribute(Qt::WA_TransparentForMouseEvents);
  findRow->addWidget(glass);
  findRow->addWidget(text, 1);
  findRow->addWidget(keys);
  connect(find, &QPushButton::clicked, this, &StepRail::findWanted);
  column->addWidget(find);

  const auto rename = [this] {
    const Document& document = workbench_.document;
    project_->setFullText(document.isOpen() ? document.name() : tr("Luthier"));
    QString task = tr("No project open");
    if (document.isOpen()) task = catalogText(objective_entry(kind_of(document.lenient().objective)).label);
    task_->setFullText(task);
  };
  connect(&workbench.document, &Document::projectChanged, this, rename);
  connect(&workbench.document, &Document::changed, this, rename);
  rename();
}

void StepRail::fillSwitcher() {
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  for (const auto& folder : workbench_.settings.recentProjects()) {
    const QString path = QString::fromStdString(folder.string());
    QAction* action = menu->addAction(QString::fromStdString(folder.filename().string()));
    action->setToolTip(path);
    connect(action, &QAction::triggered, this, [this, path] { workbench_.openPath(path); });
  }
  if (!menu->isEmpty()) menu->addSeparator();
  connect(menu->addAction(tr("New project")), &QAction::triggered, this, &StepRail::newWanted);
  connect(menu->addAction(tr("Open a project…")), &QAction::triggered, this, &StepRail::openWanted);
  menu->setMinimumWidth(switcher_->width());
  menu->popup(switcher_->mapToGlobal(QPoint(0, switcher_->height() + 4)));
}

void StepRail::setCurrent(Step step) {
  current_ = -1;
  for (int i = 0; i < items_.size(); ++i) {
    items_[i]->setSelected(items_[i]->step() == step);
    if (items_[i]->step() == step) current_ = i;
  }
}

void StepRail::setState(Step step, StateKind state) {
  for (RailItem* item : items_)
    if (item->step() == step) item->setState(state);
}

void StepRail::setReady(Step step, bool ready) {
  for (RailItem* item : items_)
    if (item->step() == step) item->setReady(ready);
}

void StepRail::keyPressEvent(QKeyEvent* event) {
  const int step = event->key() == Qt::Key_Down ? 1 : event->key() == Qt::Key_Up ? -1 : 0;
  const int next = current_ + step;
  if (step == 0 || next < 0 || next >= items_.size()) return QWidget::keyPressEvent(event);
  Q_EMIT chosen(items_[next]->step());
}

void StepRail::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), tokens().chrome);
  painter.setPen(tokens().line);
  painter.drawLine(width() - 1, 0, width() - 1, height());
}

}  // namespace luthier
