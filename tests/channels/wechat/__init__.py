"""WeChat, as shoppers, platform and operators meet it."""
