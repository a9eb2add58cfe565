"""Accounts: registering, getting back in, binding a login, deleting an account and what it costs."""

# ruff: noqa: E501 - words of shoppers are tables: one meaning a row

from __future__ import annotations

from actions.base import Outcome, ShopAction, Turn
from actions.vocabulary import COUPONS_LOST, COUPONS_WORTH, LOGINS
from actions.wishes import Wishes
from actions.wording import listing
from connectors.backends.accounts.model import AccountRefusal, AccountStatus, AccountStep, Login
from connectors.backends.drafts.model import DraftRefusal
from kernel.errors import NotFound, Refused

_WISHES = Wishes(
    {
        "keep": r"(?:撤回|撤销|取消|不).{0,4}注销|不想注销|恢复账号|\b(?:keep|restore|reactivate) my account\b|\b(?:cancel|undo|withdraw|stop|don'?t)\b.{0,20}\b(?:deletion|deleting|delete)\b",
        "delete": r"注销|销户|删除?(?:我的)?(?:账号|账户|帐号|帐户|個人資料)|\b(?:delete|erase|wipe|close|remove|deactivate|terminate|cancel|get rid of)\b.{0,14}\b(?:account|profile)\b",
        "stolen": r"被盗|盗号|被别人(?:登|用)|不是我登|\b(?:hacked|stolen|compromised|broken into)\b|\b(?:someone|somebody) (?:else )?(?:is|has|was|got)\b.{0,30}\baccount\b",
        "unbind": r"解绑|解除绑定|取消绑定|\b(?:unlink|unbind|disconnect)\b",
        "bind": r"绑定|换绑|关联|绑(?:到|上|个|一下)|\b(?:link|bind|connect)\b",
        "recover": r"忘(?:记|了)|找回|登不(?:上|进|了)|登录不了|登陆不了|进不去|验证码|密码|收不到.{0,4}码"
        r"|\b(?:forg[eo]t\w*|recover\w*|reset|locked out|password|verification code)\b|\b(?:can'?t|cannot|unable to) (?:log|sign) ?in\b|\b(?:no|get|receive|got|received|send)\b.{0,20}\bcode\b",
        "register": r"注册|开户|新用户|怎么登录|如何登录|怎么登陆|登录方式|\b(?:register|sign ?up|create (?:an )?account|new account|open an account|how (?:do|can) i (?:log|sign) in)\b",
    }
)
_METHOD_WORDS = Wishes(
    {
        "wechat": r"微信|\bwe ?chat\b",
        "alipay": r"支付宝|\bali ?pay\b",
        "email": r"邮箱|\be-?mail\b",
        "phone": r"手机|短信|电话|\b(?:phone|sms|text message|mobile)\b",
    }
)
_PAGES = {
    "register": "utter_account_register",
    "recover": "utter_account_recover",
    "bind": "utter_account_bind",
}
_NOTHING_TO_DO = frozenset(
    {AccountRefusal.NOT_ENDING, AccountRefusal.ALREADY_ENDING, AccountRefusal.NOT_BOUND}
)
_PREPARE_AGAIN = frozenset({DraftRefusal.DRAFT_EXPIRED.value, DraftRefusal.TERMS_CHANGED.value})


class ActionReadAccount(ShopAction):
    """Reads what is wanted of an account: an outcome a wish, or ``question``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_read_account"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        wish = _WISHES.read(turn.frame.said)
        method = _METHOD_WORDS.read(turn.frame.said)
        values = {"account_step": wish} if wish else {}
        if wish == "stolen":
            # Whoever has the password has the e-mail's often too; a phone is in its owner's hand.
            link = self._rules.pages.recover.format(method=Login.PHONE.value)
            turn.say("utter_account_stolen", {"link": link})
        # "My phone number has changed": which way they mean to sign in with then is asked.
        if method and wish in ("register", "bind"):
            values["login_method"] = method
        if method and wish == "unbind":
            values["login_to_unbind"] = method
        return Outcome(wish or "question", values=values)


class ActionShowSignIn(ShopAction):
    """Sends the shopper to the page for registering or getting back in. Outcome: ``told``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_show_sign_in"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        method = Login(turn.frame.values["login_method"])
        step = turn.frame.values["account_step"]
        pages = self._rules.pages
        page = pages.recover if step == "recover" else pages.sign_in
        values = {
            "method": LOGINS[method].of(turn.language),
            "link": page.format(method=method.value),
        }
        if step == "bind":
            account = await self._shop.accounts.get(turn.customer_id)
            if method in account.logins:
                turn.say("utter_account_bound_already", values)
                return Outcome("told")
        turn.say(_PAGES.get(step, _PAGES["register"]), values)
        return Outcome("told")


class ActionChoicesBoundLogins(ShopAction):
    """Offers the logins that could be unbound. Outcome: ``ok``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_bound_logins"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        account = await self._shop.accounts.get(turn.customer_id)
        choices = [
            {"id": login.value, "title": LOGINS[login].of(turn.language)}
            for login in sorted(account.logins)
        ]
        return Outcome("ok", choices=choices)


class AccountStepAction(ShopAction):
    """What preparing and committing a step share."""

    def _say_refusal(self, turn: Turn, refusal: AccountRefusal) -> None:
        turn.say(f"utter_account_refused_{refusal.value}")


class ActionPrepareAccountStep(AccountStepAction):
    """Prepares the step and shows what it means. Outcomes: ``ready``, ``refused``, ``told``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_prepare_account_step"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        values, language = turn.frame.values, turn.language
        step = AccountStep(values["account_step"])
        login = Login(values["login_to_unbind"]) if step is AccountStep.UNBIND else None
        try:
            draft = await self._shop.accounts.prepare(turn.customer_id, step, login)
        except Refused as refused:
            refusal = AccountRefusal(refused.code)
            self._say_refusal(turn, refusal)
            return Outcome("told" if refusal in _NOTHING_TO_DO else "refused")
        lost = ""
        if draft.coupons:
            worth = ""
            if draft.coupon_value:
                worth = COUPONS_WORTH.of(language).format(worth=draft.coupon_value)
            lost = COUPONS_LOST.of(language).format(count=draft.coupons, worth=worth)
        account = await self._shop.accounts.get(turn.customer_id)
        left = [LOGINS[one].of(language) for one in sorted(account.logins) if one is not login]
        turn.say(
            f"utter_account_preview_{step.value}",
            {
                "day": turn.day(draft.ends_at) if draft.ends_at else "",
                "days": str(self._rules.accounts.cooling_days),
                "lost": lost,
                "method": LOGINS[login].of(language) if login else "",
                "left": listing(left, language),
            },
        )
        return Outcome("ready", values={"draft_id": draft.id})


class ActionCommitAccountStep(AccountStepAction):
    """Makes the confirmed step happen, once. Outcomes: ``done``, ``again``, ``refused``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_commit_account_step"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        try:
            account = await self._shop.accounts.commit(
                turn.customer_id, turn.frame.values["draft_id"]
            )
        except NotFound:
            return Outcome("again", values={"draft_id": None})
        except Refused as refused:
            self._say_refusal(turn, AccountRefusal(refused.code))
            word = "again" if refused.code in _PREPARE_AGAIN else "refused"
            return Outcome(word, values={"draft_id": None})
        step = AccountStep(turn.frame.values["account_step"])
        ending = account.status is AccountStatus.ENDING and account.ends_at is not None
        turn.say(
            f"utter_account_done_{step.value}",
            {"day": turn.day(account.ends_at) if ending and account.ends_at else ""},
        )
        return Outcome("done")
