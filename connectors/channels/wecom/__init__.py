"""微信客服: the customer service accounts of WeCom, whose shoppers write from WeChat."""
