@echo off
rem Describes and alters the configuration of topics and brokers.
call "%~dp0lib\ready.bat"
if errorlevel 1 exit /b 1
node "%~dp0..\..\dist\cli\kafka-configs.js" %*
exit /b %errorlevel%
